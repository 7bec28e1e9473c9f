// What a judge says of generated pictures. Only an evaluation of a run with a judge has these figures.

import { percent } from "../words.js";

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} meaning
 * @property {(label: number) => string} text of the row of a label
 */

const OF_LABEL = {
  name: "agreement",
  meaning: "Share of the row's generated pictures that the judge takes for the row's class",
};

const OF_CLASS = [
  {
    name: "distance",
    figure: "frechet",
    meaning: "Fréchet distance between the class's generated and held-out pictures; 0 is perfect",
    format: (distance) => distance.toFixed(2),
  },
  {
    name: "coverage",
    figure: "coverage",
    meaning: "Share of the class's held-out pictures with a generated one among their nearest neighbours",
    format: percent,
  },
  {
    name: "recall",
    figure: "recall",
    meaning: "Share of the class's held-out pictures among the nearest neighbours of a generated one",
    format: percent,
  },
];

/**
 * The columns that an evaluation can fill.
 * @param {import("../protocol.js").RunEvent} evaluated @param {import("../palette.js").Naming} naming
 * @returns {Column[]}
 */
export function generatedColumns({ generated }, { classes }) {
  if (!generated) return [];
  const shown = (value, format) => (value == null ? "–" : format(value));
  const filled = OF_CLASS.filter(({ figure }) => generated.classes.some((found) => found[figure] != null));
  return [
    { ...OF_LABEL, text: (label) => shown(generated.rows[label], percent) },
    ...filled.map(({ name, meaning, figure, format }) => {
      return { name, meaning, text: (label) => shown(generated.classes[classes[label]]?.[figure], format) };
    }),
  ];
}

/**
 * The figures of all generated pictures in sentences, or nothing.
 * @param {import("../protocol.js").RunEvent} evaluated
 */
export function generatedInWords(evaluated) {
  const { generated_agreement, generated } = evaluated;
  if (generated_agreement == null) return "";
  const worst = percent(Math.min(...(generated?.rows ?? []).filter((share) => share != null)));
  const means = OF_CLASS.flatMap(({ name, figure, format }) => {
    const mean = evaluated[`class_${figure}`];
    return mean == null ? [] : [`${name} ${format(mean)}`];
  });
  const within = means.length > 0 ? ` Within a class, on average: ${means.join(", ")}.` : "";
  return (
    ` A judge that saw all true labels, and only watches, takes ${percent(generated_agreement)} of the generated ` +
    `pictures for the class of their row, and ${worst} in the worst row.${within}`
  );
}
