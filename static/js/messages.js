// Message bars and toasts: dismissed by their cross; a lost connection says so.
(() => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-message]")?.remove();
  });

  // Behind an open dialog a toast would be dimmed and out of reach: it stands in the dialog instead.
  function place() {
    const body = document.querySelector("dialog[open] .pane-body");
    for (const old of body?.querySelectorAll("[data-toast]") || []) old.remove();
    return body || document.getElementById("toasts");
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "toasts") event.detail.target = place();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    event.detail.target.querySelector?.(":scope > [data-toast]:last-child")?.scrollIntoView({ block: "nearest" });
  });

  function toast(text) {
    const node = document.createElement("div");
    node.className = "message toast";
    node.dataset.tone = "danger";
    node.dataset.message = node.dataset.toast = "";
    node.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = text;
    const cross = document.createElement("button");
    cross.type = "button";
    cross.className = "icon-button";
    cross.dataset.dismiss = "";
    cross.setAttribute("aria-label", "×");
    cross.textContent = "×";
    node.append(words, cross);
    document.getElementById("toasts")?.replaceChildren();
    place()?.append(node);
  }

  document.addEventListener("htmx:sendError", () => toast(document.body.dataset.offline));
})();
