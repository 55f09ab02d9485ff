"use strict";
const table = document.getElementById("table"), heads = [...table.tHead.rows[0].cells];
heads.forEach((head, place) => head.querySelector("button").addEventListener("click", () => {
  const now = head.getAttribute("aria-sort");
  const first = head.dataset.better === "higher" ? "descending" : "ascending";
  const next = now === "none" ? first : now === "ascending" ? "descending" : "ascending";
  heads.forEach(other => other.setAttribute("aria-sort", other === head ? next : "none"));
  const value = row => {
    const text = row.cells[place].dataset.sort;
    return text === undefined ? null : place ? Number(text) : text.toLowerCase();
  };
  const sign = next === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows].map(row => [value(row), row]);
  rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null)
    : sign * (a < b ? -1 : a > b ? 1 : 0));  // rows without a value stay below
  rows.forEach(([, row]) => table.tBodies[0].append(row));
}));
document.addEventListener("click", event => {
  const tile = event.target.closest("button.tile"), flip = event.target.closest(".switch");
  if (tile) tile.setAttribute("aria-pressed", tile.getAttribute("aria-pressed") !== "true");
  if (flip) flip.setAttribute("aria-pressed",
    document.getElementById(flip.dataset.switch).classList.toggle("difference"));
});
document.querySelectorAll(".legend").forEach(legend => {
  const lines = legend.closest("section").querySelectorAll(".chart g[class]");
  let under = null;  // the mouse; a tap would leave :hover behind
  const show = () => {
    const name = under ?? legend.querySelector(":focus-visible")
      ?? legend.querySelector("[aria-pressed=true]");
    lines.forEach(line => line.classList.toggle("faded",
      name !== null && !line.classList.contains(name.dataset.line)));
  };
  const move = event => {
    under = event.pointerType === "mouse" && event.type === "pointerover"
      ? event.target.closest("button") : null;
    show();
  };
  legend.addEventListener("pointerover", move);
  legend.addEventListener("pointerleave", move);
  legend.addEventListener("focusin", show);
  legend.addEventListener("focusout", show);
  legend.addEventListener("click", event => {
    const name = event.target.closest("button");
    if (!name) return;
    const alone = name.getAttribute("aria-pressed") !== "true";
    legend.querySelectorAll("button").forEach(other =>
      other.setAttribute("aria-pressed", alone && other === name));
    show();
  });
});
const wall = document.querySelector(".wall");
if (wall) wall.addEventListener("keydown", event => {
  const move = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
  const cell = event.target.closest("td");
  if (!move || !cell) return;
  const row = wall.tBodies[0].rows[cell.parentNode.sectionRowIndex + move[0]];
  const tile = row && row.cells[cell.cellIndex + move[1]]?.querySelector("button.tile");
  if (!tile) return;
  event.preventDefault();
  wall.querySelectorAll("button.tile").forEach(other => { other.tabIndex = other === tile ? 0 : -1; });
  tile.focus();
});
