// All messages between the page and its workers.
//
// The page sends requests with an id and gets exactly one answer for each: a value, or a sentence for people. A
// worker also sends messages of its own. The page never uses a worker again after its message `dead`.

/**
 * @typedef {object} Request
 * @property {number} id
 * @property {string} op one of the keys of `Operations`
 * @property {object} input of the operation
 */

/** @typedef {{id: number, value: any} | {id: number, error: string}} Answer */

/**
 * @typedef {{tell: "event", event: RunEvent, bytes?: Uint8Array, more?: Uint8Array}
 *         | {tell: "progress", words: string}
 *         | {tell: "device", device: DeviceFacts}
 *         | {tell: "suite", progress: SuiteProgress}
 *         | {tell: "dead", kind: DeathKind, message: string}} Tell
 *
 * `event` is a line of events.jsonl as an object, or the heartbeat `{event: "turn", step}`. `samples` comes with RGBA
 * bytes, `checkpoint` with state.json (`bytes`) and state.safetensors (`more`).
 */

/** @typedef {"crash" | "lost" | "memory" | "silent"} DeathKind */

/** @typedef {{event: string, step?: number, [field: string]: any}} RunEvent */

/** @typedef {{backend: "webgpu" | "cpu", name: string, reason: string}} DeviceFacts */

/** @typedef {{header: Uint8Array, tensors: Uint8Array}} CheckpointFiles */

/** @typedef {{path: string, file: File}} PickedFile a file that the visitor chose, with its folders */

/** @typedef {{files: PickedFile[], folders: string[]}} Picked what the visitor chose; `folders` may be empty ones */

/** @typedef {Picked & {set: string}} DataFiles `set`: the name of the data set that they are */

/**
 * @typedef {object} DataSet a data set that the page offers
 * @property {string} name as a configuration has it
 * @property {string} title for people
 * @property {"drawn" | "files" | "pictures"} kind what it needs: nothing, its publisher's files, a folder of pictures
 * @property {string} hint which files to drop
 * @property {string[]} files the beginnings of its files' names
 * @property {string} labels the share of manual labels that shows the method at its best
 */

/** @typedef {"served" | "loaded" | "run"} Source which model: the page's own, a loaded bundle, the run as it is now */

/**
 * The operations with their inputs and answers. `settings` are a JSON list of pairs of a key and a value.
 *
 * @typedef {object} Operations
 * @property {(input: {device: string}) => {device: DeviceFacts, defaults: object, dataSets: DataSet[]}} open once,
 *   before all other operations
 * @property {(input: {settings: string, data?: DataFiles}) => object} create a run from step 0; gives its facts
 * @property {(input: CheckpointFiles & {settings: string, data?: DataFiles}) => object} resume gives the run's facts
 * @property {(input: {paused: boolean}) => "finished" | "stopped"} train answers when training ends
 * @property {() => void} pause
 * @property {() => void} go
 * @property {() => void} step one step of a paused run
 * @property {() => void} save asks for a checkpoint event
 * @property {(input: {settings: string}) => object} change from the next step on; gives the run's facts; while it
 *   trains, they are valid from the next `started` event
 * @property {() => object} about the run's facts
 * @property {() => void} drop stops and discards the run
 * @property {(input: CheckpointFiles & {events: string}) => Uint8Array} archive a run folder as .tar, with the
 *   lines of its events.jsonl
 * @property {(input: {file: File}) => CheckpointFiles} unpack the newest checkpoint of such a .tar
 * @property {() => Uint8Array} bundle the run as it was last saved, as `slgan export` writes it
 * @property {(input: {bytes: Uint8Array}) => object} load a bundle, as source `loaded`; gives its facts
 * @property {(input: {source: Source}) => object} facts of a model
 * @property {(input: {source: Source, columns: number, truncation: number, seed: number}) => Uint8Array} rows
 * @property {(input: Plane & {resolution: number, extent: number}) => Uint16Array} map labels of the plane, row by row
 * @property {(input: Plane & Point) => {pixels: Uint8Array, label: number}} at
 * @property {(input: {source: Source, from: number, to: number, columns: number, truncation: number, seed: number})
 *   => Uint8Array} between
 * @property {(input: {source: Source, picture: Blob, name: string}) => {prediction: object, preview: Uint8Array}} label
 */

/** @typedef {{layer: "exact" | "strict" | "kernels" | "training", share: number, what: string}} SuiteProgress
 *    `share` of the layer that is done; `what` was done last */

/** @typedef {{name: string, bytes: Uint8Array}} ReportFile a report, with the name that sentences call it by */

/**
 * The operations of the worker of the view Compare. The module's `run_suite`, `read_report` and `compare_reports` have
 * the fields of the answers.
 *
 * @typedef {object} SuiteOperations
 * @property {(input: {device: string, suite: "standard" | "brief"}) => Uint8Array} run once; gives the report's file
 * @property {(input: ReportFile) => object} read a report's facts
 * @property {(input: {reference: ReportFile, other: ReportFile}) => object} compare
 */

/** @typedef {{source: Source, first: number, second: number, truncation: number, seed: number}} Plane */

/** @typedef {{x: number, y: number}} Point */

/** The bundle that is served beside the page. */
export const SERVED_BUNDLE = "digits.slgan";

/** The message of anything that was thrown. @param {unknown} thrown */
export function wordsOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
