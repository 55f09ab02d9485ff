"use strict";

// One participant's pairs, shown by jsPsych. The server keeps the order and every answer; the page
// asks for the next pair with each answer, so that a reload goes on where it stopped.

const base = location.pathname.replace(/\/$/, "");
const stage = document.getElementById("stage");
const problem = document.getElementById("problem");
const jsPsych = initJsPsych({ display_element: "stage" });
const ARROWS = { beside: ["ArrowLeft", "ArrowRight"], stacked: ["ArrowUp", "ArrowDown"] };
// A server, or a limit on requests in front of it, says by these to ask again.
const LATER = [408, 425, 429];
const SOONEST = 250; // milliseconds; a second tap of a double tap is no answer

let state; // what the server said last
let response; // to the pair on the screen
let images; // of the next pair, left and right; null when its time is up
let page = drawn(); // random, so that the server tells windows and reloads apart
let unkept = ""; // ends pictures' addresses when copies that the browser kept won't do
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function drawn() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Try until it works; only a refusal by the server ends the study. */
async function persist(attempt) {
  for (let wait = 500; ; wait = Math.min(8000, wait * 2)) {
    try {
      const value = await attempt();
      problem.textContent = "";
      return value;
    } catch (error) {
      if (error.fatal) {
        problem.textContent = error.message;
        throw error;
      }
      const reason = error.busy ? "The server is busy." : "No connection.";
      problem.textContent = `${reason} Trying again; your answers so far are saved.`;
      await pause(Math.max(wait, error.after || 0));
    }
  }
}

async function ask(path, body) {
  const answered = await fetch(base + path, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answered.status === 409) {
    // The server does not know that the pair was shown here, as after an older copy of the study was
    // put back: show it as if for the first time, with pictures that the server knows it has sent.
    page = drawn();
    unkept = `?${page}`;
    return ask("/showings", { page });
  }
  if (answered.ok) return answered.json();
  const error = new Error(answered.status === 404 ? "This link is no longer valid."
    : "Something went wrong. Please reload this page to continue.");
  error.busy = LATER.includes(answered.status) || answered.status >= 500;
  error.fatal = answered.status >= 400 && !error.busy;
  error.after = 1000 * Math.min(60, Number(answered.headers.get("Retry-After"))); // a date is NaN
  throw error;
}

const source = (name) => `${base}/${name}.png${unkept}`;

/** Load both pictures of a pair, left first whichever is real, before either is shown. */
function load({ left, right }) {
  return Promise.all([left, right].map(async (name) => {
    const image = new Image();
    image.alt = "";
    image.draggable = false;
    image.src = source(name);
    await image.decode();
    return image;
  }));
}

/**
 * Load the next pair. The server sends none after its time, so each failure asks what is left. If
 * pictures were sent but lost, the pair is not seen for its whole time: as another page, so that it
 * doesn't count.
 */
function loadNext() {
  let failed = false;
  return persist(async () => {
    if (failed && state.time_limit) {
      state = await ask("/showings", { page });
      if (state.remaining < state.time_limit) {
        page = drawn();
        state = await ask("/showings", { page });
      }
    }
    failed = true;
    images = state.now && state.remaining !== 0 ? await load(state.now) : null;
  });
}

function showProgress() {
  document.getElementById("progress").value = state.done;
  const number = Math.min(state.done + 1, state.total);
  document.getElementById("count").textContent = state.now ? `${number} of ${state.total}` : "";
}

/** Count the seconds down that this pair has left, here or in another window, then hide it. */
function countDown(buttons) {
  const end = performance.now() + state.remaining * 1000;
  const time = document.getElementById("time");
  const tick = () => {
    const left = images ? (end - performance.now()) / 1000 : 0;
    if (left > 0) {
      const whole = Math.ceil(left);
      time.textContent = `${whole} s left`;
      jsPsych.pluginAPI.setTimeout(tick, 1000 * (left - whole + 1));
    } else {
      time.textContent = "time is up";
      buttons.forEach((button) => button.classList.add("over"));
    }
  };
  tick();
}

/** The participant's own link, selected as a whole by a click, a tap, or the tab key. */
const ownLink = () => `<textarea id="link" readonly rows="2" spellcheck="false"
  aria-label="your link">${location.origin}${base}</textarea>`;

function selectOwnLink() {
  const link = document.getElementById("link");
  for (const kind of ["focus", "click"]) link.addEventListener(kind, () => link.select());
}

const introduction = {
  type: jsPsychHtmlButtonResponse,
  button_layout: "flex",
  stimulus: () => `<main>
    <h1>${state.done ? "Welcome back" : "Which colors are real?"}</h1>
    <p>${state.done ? `You have answered ${state.done} of ${state.total} pairs.`
      : "Each pair shows one photograph twice. One picture has its real colors; the other was "
        + "colorized by a program."} <strong>Tap or click the one whose colors are real</strong><span
      class="keys">, or press the arrow key that points to it</span>. If you can't tell, guess.</p>
    ${state.time_limit ? `<p>Look closely: each pair disappears after ${state.time_limit} s and
      is not shown again. After that, answer from memory.</p>` : ""}
    <p class="soft">To continue later or on another device, or to have your answers deleted, keep this
      link. It is yours alone: ${ownLink()}</p></main>`,
  choices: ["Start"],
  button_html: (text) => `<button class="button">${text}</button>`,
  on_load: () => {
    selectOwnLink();
    if (!state.time_limit) load(state.now).catch(() => {}); // into the browser's cache
  },
};

const pair = {
  type: jsPsychHtmlButtonResponse,
  button_layout: "flex",
  stimulus: "<h2>Which picture has the real colors?</h2>",
  choices: () => [state.now.left, state.now.right],
  button_html: (_, place) => `<button class="picture" aria-label="${["first", "second"][place]} picture"></button>`,
  enable_button_after: SOONEST,
  on_load: () => {
    const buttons = [...stage.querySelectorAll("button.picture")];
    // The images themselves: with a time limit no copy is kept that another one could show.
    if (images) buttons.forEach((button, place) => button.append(images[place]));
    pair.listener = jsPsych.pluginAPI.getKeyboardResponse({
      valid_responses: Object.values(ARROWS).flat(),
      persist: true,
      callback_function: ({ key }) => {
        const [first, second] = buttons.map((button) => button.getBoundingClientRect());
        const arrows = second.top >= first.bottom ? ARROWS.stacked : ARROWS.beside;
        const place = arrows.findIndex((each) => each.toLowerCase() === key.toLowerCase());
        buttons[place]?.click(); // nothing while the buttons are disabled
      },
    });
    if (state.time_limit) countDown(buttons);
    // The next pair loads while this one is looked at, unless that would start its time.
    if (state.upcoming) load(state.upcoming).catch(() => {});
  },
  on_finish: (data) => {
    jsPsych.pluginAPI.cancelKeyboardResponse(pair.listener);
    document.getElementById("time").textContent = "";
    response = { trial: state.now.trial, picked: ["left", "right"][data.response], milliseconds: data.rt };
  },
};

const exchange = {
  type: jsPsychCallFunction,
  async: true,
  func: async (done) => {
    state = await persist(() => ask("/answers", { ...response, page }));
    await loadNext();
    showProgress();
    done();
  },
};

// Asked after the introduction: another window may have gone on meanwhile, and time runs from here.
const beginning = {
  type: jsPsychCallFunction,
  async: true,
  func: async (done) => {
    state = await persist(() => ask("/showings", { page }));
    await loadNext();
    showProgress();
    done();
  },
};

function thanks() {
  const [right, pairs] = state.recognized;
  stage.innerHTML = `<main><h1>Thank you!</h1>
    <p>All your answers are stored. You picked the real colors in <strong>${right} of ${pairs}</strong>
    pairs, not counting attention checks; guessing would get about half.</p></main>`;
  const main = stage.firstElementChild;
  main.append(document.getElementById("stored").content.cloneNode(true));
  main.insertAdjacentHTML("beforeend", `${ownLink()}
    <p class="soft">Keep the link if you may want to have your answers deleted. You can close this
    page.</p>`);
  selectOwnLink();
}

async function run() {
  state = await persist(() => ask("/state"));
  showProgress();
  if (state.now) {
    const pairs = {
      timeline: [pair, exchange],
      conditional_function: () => state.now !== null,
      loop_function: () => state.now !== null,
    };
    await jsPsych.run([introduction, beginning, pairs]);
  }
  thanks();
}

// A page that comes back from the browser's memory has timers that stood still.
addEventListener("pageshow", (event) => event.persisted && location.reload());
run();
