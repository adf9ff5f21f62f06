// Passwords, codes and recovery codes: show, send when pasted, copy, print. The pages work without it.
"use strict";

// The form that logs time needs a script of its own, which is not here: it opens as a page.
document.querySelector(".tabbar .log")?.removeAttribute("hx-get");

document.addEventListener("click", ({ target }) => {
  const reveal = target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    field.type = field.type === "password" ? "text" : "password";
    reveal.setAttribute("aria-pressed", field.type === "text");
  }
  const copy = target.closest("[data-copy-text]");
  if (copy) {
    const { innerText, dataset } = document.getElementById(copy.dataset.copyText);
    navigator.clipboard?.writeText(innerText.trim()).then(() => {
      document.getElementById("say").textContent = dataset.copied;
    });
  }
  if (target.closest("[data-print]")) print();
});

// A whole code that was pasted or filled in by the browser, not typed, is sent at once.
document.addEventListener("input", ({ target, inputType = "" }) => {
  const isWhole = target.matches("input.code") && /^\d{6}$/.test(target.value.replace(/\s/g, ""));
  if (isWhole && !/^(insertText|insertComp|delete)/.test(inputType)) target.form.requestSubmit();
});
