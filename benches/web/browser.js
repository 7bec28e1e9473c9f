// Headless Chromium, with WebGPU on the machine's GPU or on the software adapter.

import puppeteer from "puppeteer-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SOFTWARE = ["--use-webgpu-adapter=swiftshader", "--enable-unsafe-swiftshader"];
const HARDWARE = ["--enable-features=Vulkan", "--use-angle=vulkan"];

/** Starts the browser; `adapter` is `software` or `hardware`. */
export function launch(adapter) {
    return puppeteer.launch({
        executablePath: EXECUTABLE,
        args: [
            "--no-sandbox", "--enable-unsafe-webgpu", "--disable-background-networking", "--disable-sync",
            ...(adapter === "hardware" ? HARDWARE : SOFTWARE),
        ],
        protocolTimeout: 0,
    });
}

/** Opens an address, and reports the page's errors on standard error. */
export async function open(browser, address) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(`page: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && console.error(`page: ${message.text()}`));
    await page.goto(address);
    return page;
}
