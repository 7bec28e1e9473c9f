// The benchmark as a command: Markdown on standard output, progress on standard error.

import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { launch, open } from "./browser.js";
import { compared, DEFAULTS, GROUPS, table, TASKS } from "./page/rounds.js";
import { serve } from "./server.js";

const USAGE = `Usage: npm run bench -- [OPTIONS]
  --batch N      real images per step, and as many generated ones (${DEFAULTS.batch})
  --steps N      measured steps per round (${DEFAULTS.steps})
  --warm-up N    steps before them (${DEFAULTS.warmUp})
  --seconds N    ends a round after this time, but not before two steps (${DEFAULTS.seconds})
  --rounds N     rounds (${DEFAULTS.rounds})
  --images N     pictures generated at a time, a multiple of 10 (${DEFAULTS.images})
  --group NAME   ${Object.keys(GROUPS).join(" or ")}; default: both
  --task NAME    ${Object.keys(TASKS).join(" or ")}; default: both
  --adapter NAME software (SwiftShader, the default) or hardware
  --json FILE    also writes all measurements
`;

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function number(name, text, fallback) {
    const value = Number(text ?? fallback);
    if (!Number.isInteger(value) || value < 1 || (name === "images" && value % 10 !== 0)) {
        throw new RangeError(`--${kebab(name)} cannot be ${text}`);
    }
    return value;
}

/** The requested choice as a list, or all of them. */
function choice(name, text, known) {
    if (text !== undefined && !known.includes(text)) {
        throw new RangeError(`--${name} must be ${known.join(" or ")}, not ${text}`);
    }
    return text === undefined ? known : [text];
}

function parse() {
    const names = [...Object.keys(DEFAULTS).map(kebab), "group", "task", "adapter", "json"];
    const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" }])) });
    return {
        numbers: Object.fromEntries(Object.entries(DEFAULTS).map(
            ([name, fallback]) => [name, number(name, values[kebab(name)], fallback)])),
        groups: choice("group", values.group, Object.keys(GROUPS)),
        tasks: choice("task", values.task, Object.keys(TASKS)),
        adapter: choice("adapter", values.adapter, ["software", "hardware"])[0],
        json: values.json,
    };
}

/** The browser, its adapter and the machine, in words. */
async function circumstances(browser, page) {
    const adapter = await page.evaluate(async () => {
        const { vendor, architecture, device, description } = (await navigator.gpu?.requestAdapter())?.info ?? {};
        return [vendor, architecture, device, description].filter(Boolean).join(", ") || "none";
    });
    return { browser: await browser.version(), adapter, processor: `${cpus().length} x ${cpus()[0].model}` };
}

/** Runs rounds in the page, which reports every turn on its console. */
const rounds = (page, task, group, numbers) => page.evaluate(async (task, group, numbers) => {
    const { runRounds } = await import("/rounds.js");
    return runRounds(task, group, numbers, (words) => console.info(words));
}, task, group, numbers);

function markdown(task, group, rows) {
    const [headings, ...cells] = table(task, rows);
    const line = (row) => `| ${row.join(" | ")} |`;
    const lines = [line(headings), line(headings.map(() => "---")), ...cells.map(line)];
    return [`### ${task}, ${group}`, "", ...lines, ""].join("\n");
}

async function measure(browser, address, { numbers, groups, tasks, json }) {
    const page = await open(browser, address);
    page.on("console", (message) => message.type() === "info" && console.error(message.text()));
    const result = { ...await circumstances(browser, page), options: numbers, tables: [] };
    console.log(`${result.browser}; WebGPU adapter: ${result.adapter}; ${result.processor}`);
    console.log(`batch ${numbers.batch}, ${numbers.rounds} rounds, medians; ${numbers.images} pictures at a time\n`);
    for (const group of groups) {
        for (const task of tasks) {
            const rows = compared(task, await rounds(page, task, group, numbers), numbers);
            result.tables.push({ task, group, rows });
            console.log(markdown(task, group, rows));
        }
    }
    if (json) {
        await writeFile(json, `${JSON.stringify(result, null, 4)}\n`);
    }
}

async function main() {
    const options = parse();
    const server = await serve();
    const browser = await launch(options.adapter);
    try {
        await measure(browser, server.address, options);
    } finally {
        await browser.close();
        server.close();
    }
}

if (process.argv.includes("--help")) {
    console.log(USAGE);
} else {
    await main().catch((error) => {
        console.error(`error: ${error.message}`);
        process.exitCode = error instanceof RangeError || error.code?.startsWith("ERR_PARSE_ARGS") ? 2 : 1;
    });
}
