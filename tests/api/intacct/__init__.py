"""The format of Sage Intacct."""

BASE = "/ia/api/v1"
SHEETS = "/objects/time/timesheet"
LINES = "/objects/time/timesheet-line"
RECORDS = "/objects/time/timesheet-approval-record"


def error(answer) -> dict:
    """`ia::error` of an answer, which has nothing else."""
    body = answer.json()
    assert list(body["ia::result"]) == ["ia::error"], body
    assert body["ia::meta"] == {"totalCount": 1, "totalSuccess": 0, "totalError": 1}
    return body["ia::result"]["ia::error"]


def targets(answer) -> list[str]:
    return [each["target"] for each in error(answer).get("details", [])]
