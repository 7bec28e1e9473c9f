// The page for use by hand: a form, a log and tables. bench.js runs the same rounds without them.

import { compared, DEFAULTS, runRounds, table, TASKS } from "./rounds.js";

const form = document.querySelector("#options");
const log = document.querySelector("#log");
const tables = document.querySelector("#tables");

function element(name, text, children = []) {
    const made = document.createElement(name);
    made.textContent = text;
    made.append(...children);
    return made;
}

function asTable(caption, [headings, ...rows]) {
    const row = (cells, name) => element("tr", "", cells.map((cell) => element(name, cell)));
    return element("table", "", [
        element("caption", caption), row(headings, "th"), ...rows.map((cells) => row(cells, "td")),
    ]);
}

async function measure(group, options) {
    for (const task of Object.keys(TASKS)) {
        const rows = await runRounds(task, group, options, (words) => log.append(`${words}\n`));
        tables.append(asTable(`${task}, batch ${options.batch}`, table(task, compared(task, rows, options))));
    }
}

for (const input of form.querySelectorAll("input")) {
    input.value = DEFAULTS[input.name];
}
form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { group, ...given } = Object.fromEntries(new FormData(form));
    const numbers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Number(value)]));
    form.inert = true;
    await measure(group, { ...DEFAULTS, ...numbers }).finally(() => { form.inert = false; });
});

const { vendor, architecture, description } = (await navigator.gpu?.requestAdapter())?.info ?? {};
document.querySelector("#adapter").textContent = vendor === undefined
    ? "This browser has no WebGPU adapter."
    : `WebGPU adapter: ${[vendor, architecture, description].filter(Boolean).join(", ")}`;
