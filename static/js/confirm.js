// Confirm by typing: the form's button waits for the phrase (the server compares again).
(() => {
  function check(input) {
    const form = input.form;
    const ready = input.value.trim() === input.dataset.confirmPhrase;
    for (const button of form.querySelectorAll("[data-submit]")) button.disabled = !ready;
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-confirm-phrase]")) check(event.target);
  });
  const all = () => document.querySelectorAll("[data-confirm-phrase]").forEach(check);
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:load", all);
})();
