"""The format of ConnectWise PSA, in two vocabularies: /time/… and /v4_6_release/apis/3.0/time/…."""
