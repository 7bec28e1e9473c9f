// A static server for the benchmark page, slgan's web page and the peers' packages.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The folders behind a path's first part. All other paths belong to the page. */
const MOUNTS = { vendor: join(HERE, "node_modules"), dist: process.env.SLGAN_DIST ?? join(HERE, "../../web/dist") };

const TYPES = {
    ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".json": "application/json",
    ".wasm": "application/wasm",
};

function fileOf(url) {
    const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname)).slice(1);
    const [first, ...rest] = path.split("/");
    return Object.hasOwn(MOUNTS, first) ? join(MOUNTS[first], ...rest) : join(HERE, "page", path || "index.html");
}

async function answer(request, response) {
    try {
        const file = fileOf(request.url);
        const body = await readFile(file);
        response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
        response.end(body);
    } catch {
        response.writeHead(404, { "Content-Type": "text/plain" });
        response.end("not found");
    }
}

/** Serves on a port (0 takes a free one). Resolves to the address and a function that ends the server. */
export async function serve(port = 0) {
    const server = createServer(answer);
    await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
    return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    console.log((await serve(Number(process.env.PORT ?? 8001))).address);
}
