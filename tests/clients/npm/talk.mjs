// How a script talks with its test: a line of JSON each way. The test has the browser.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const read = async () => JSON.parse((await lines.next()).value);
export const tell = (value) => process.stdout.write(JSON.stringify(value) + "\n");

// Sends the browser to an address and returns where it lands.
export const visit = async (url) => {
  tell({ visit: String(url) });
  return new URL(await read());
};

export const finish = (value) => {
  tell({ done: value });
  process.exit(0);
};
