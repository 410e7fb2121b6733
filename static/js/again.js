// A page that could not be made for now: looks every few seconds whether it can be, then loads it.
(() => {
  async function look(seconds) {
    await new Promise((done) => setTimeout(done, seconds * 1000));
    try {
      const answer = await fetch(location.href, { method: "HEAD", credentials: "same-origin", cache: "no-store" });
      if (answer.status !== 503) return location.reload();
    } catch {
      // The web server itself is away: it is looked for again.
    }
    return look(seconds);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const waiting = document.querySelector("[data-again]");
    if (waiting) look(Number(waiting.dataset.again));
  });
})();
