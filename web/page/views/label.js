// The Label view: the teacher labels pictures from files, the clipboard or the drawing surface, and the view lists its
// predictions.

import { acceptDrops, fromDrop, fromInput } from "../files.js";
import { newest } from "../newest.js";
import { attempt, clearError, showError } from "../notices.js";
import { pngOf } from "../pixels.js";
import { isShown } from "../tabs.js";
import { DrawingSurface } from "./draw.js";
import { predictionEntry } from "./prediction.js";

const byId = (id) => document.getElementById(id);
const MOST_ENTRIES = 50;

export class LabelView {
  #supervisor;
  #sources;
  #surface = new DrawingSurface(byId("draw"), () => this.#labelDrawing());
  /** The entry of the drawing. Every stroke replaces it. */
  #drawn = null;

  /** @param {import("../supervisor.js").Supervisor} supervisor @param {import("./sources.js").Sources} sources */
  constructor(supervisor, sources) {
    this.#supervisor = supervisor;
    this.#sources = sources;
    byId("picture").addEventListener("change", ({ target }) => {
      const { files } = fromInput(target.files);
      target.value = "";
      attempt(() => this.#labelFiles(files));
    });
    acceptDrops(byId("view-label"), (transfer) => {
      const picked = fromDrop(transfer);
      attempt(async () => this.#labelFiles((await picked).files));
    });
    document.addEventListener("paste", (event) => {
      const { files } = fromInput(event.clipboardData.files);
      if (!isShown("label") || files.length === 0) return;
      event.preventDefault();
      attempt(() => this.#labelFiles(files));
    });
    byId("draw-label").addEventListener("click", () => {
      if (this.#surface.isEmpty) showError("Draw something first.");
      else this.#labelDrawing();
    });
    byId("draw-clear").addEventListener("click", () => {
      this.#surface.clear();
      this.#drawn = null;
    });
  }

  #labelDrawing = newest(async () => {
    clearError();
    const replaced = this.#drawn;
    const entry = await this.#prediction(await pngOf(byId("draw")), "your drawing");
    if (replaced?.isConnected) replaced.replaceWith(entry);
    else this.#add(entry);
    this.#drawn = this.#surface.isEmpty ? null : entry;
  }, showError);

  /** One after the other. Unreadable files do not stop the others; their errors come at the end. */
  async #labelFiles(files) {
    const wrong = [];
    for (const { path, file } of files) {
      try {
        this.#add(await this.#prediction(file, path));
      } catch (error) {
        wrong.push(error.message);
      }
    }
    if (wrong.length > 0) throw new Error(wrong.join(" "));
  }

  async #prediction(picture, name) {
    const source = this.#sources.current;
    const answer = await this.#supervisor.request("label", { source, picture, name });
    const facts = await this.#supervisor.request("facts", { source });
    return predictionEntry(answer, facts, name);
  }

  #add(entry) {
    byId("predictions").prepend(entry);
    byId("predictions-empty").hidden = true;
    while (byId("predictions").children.length > MOST_ENTRIES) byId("predictions").lastElementChild.remove();
  }
}
