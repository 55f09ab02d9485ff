"use strict";

// The link is kept in this browser, so that a participant who comes back goes on, and counts once.
const KEY = "polychrome-study";
// A browser that stores nothing throws when it is asked to; then the link alone leads back.
const kept = {
  link() { try { return localStorage.getItem(KEY); } catch { return null; } },
  keep(link) { try { localStorage.setItem(KEY, link); } catch { /* not kept */ } },
  drop() { try { localStorage.removeItem(KEY); } catch { /* none there */ } },
};
const problem = document.getElementById("problem");

async function offerToGoOn() {
  const link = kept.link();
  if (!link) return;
  const response = await fetch(link, { method: "HEAD" });
  if (response.status === 404) {
    kept.drop(); // of another study, served here before
    return;
  }
  const again = document.getElementById("again");
  again.querySelector("a").href = link;
  again.hidden = false;
  document.getElementById("consent").hidden = true;
}

document.getElementById("other").addEventListener("click", () => {
  document.getElementById("again").hidden = true;
  document.getElementById("consent").hidden = false;
});

document.getElementById("consent").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  problem.textContent = "";
  try {
    const response = await fetch("/participants", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ consent: document.getElementById("agree").checked }),
    });
    if (!response.ok) throw Object.assign(new Error(response.statusText), { answered: true });
    const { link } = await response.json();
    kept.keep(link);
    location.assign(link);
  } catch ({ answered }) {
    const advice = answered ? "try again in a moment" : "check your connection and try again";
    problem.textContent = `That didn't work. Please ${advice}.`;
    button.disabled = false;
  }
});

offerToGoOn().catch(() => {});
