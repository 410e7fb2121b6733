// After an edit in the flyout, the list behind it shows the saved values; its address stays the flyout's.
(() => {
  async function refresh() {
    const list = document.getElementById("list");
    if (!list) return;
    const headers = { "HX-Request": "true", "HX-Target": "list" };
    const answer = await fetch(list.dataset.listUrl, { headers, credentials: "same-origin" });
    if (!answer.ok) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const fresh = holder.content.firstElementChild;
    list.replaceWith(fresh);
    htmx.process(fresh);
    htmx.trigger(fresh, "htmx:load");
  }
  document.addEventListener("hangar:saved", refresh);
})();
