"use strict";

// The link is kept in this browser, so that a participant who comes back goes on, and counts once.
const KEY = "polychrome-study";
const problem = document.getElementById("problem");

async function offerToGoOn() {
  const link = localStorage.getItem(KEY);
  if (!link) return;
  const response = await fetch(link, { method: "HEAD" });
  if (response.status === 404) {
    localStorage.removeItem(KEY); // of another study, served here before
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
    if (!response.ok) throw new Error(response.statusText);
    const { link } = await response.json();
    localStorage.setItem(KEY, link);
    location.assign(link);
  } catch {
    problem.textContent = "That did not work. Is there a connection? Please try again.";
    button.disabled = false;
  }
});

offerToGoOn().catch(() => {});
