// Copy a line; without the clipboard API (plain http) the text is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-button]");
  if (!button) return;
  const code = button.closest("[data-copy]").querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) return;
  }
  button.dataset.copied = "";
  const before = button.getAttribute("aria-label");
  button.setAttribute("aria-label", button.dataset.done);
  setTimeout(() => {
    delete button.dataset.copied;
    button.setAttribute("aria-label", before);
  }, 1500);
});
