// The look: applied at once, then remembered by the server's cookie.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  for (const button of form.querySelectorAll("button[name=theme]")) {
    button.toggleAttribute("aria-current", button === event.submitter);
    if (button === event.submitter) button.setAttribute("aria-current", "true");
  }
  const body = new FormData(form);
  body.set("theme", chosen);
  form.closest("details").open = false;
  await fetch(form.action, { method: "POST", body, redirect: "manual" });
});
