// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests one after another, said in TAP.

const tests = [];

/* @skip: why it cannot run here, or nothing */
export function test(name, func, { skip } = {}) {
  tests.push({ name, func, skip });
}

export function say(text) {
  for (const line of String(text).split('\n')) {
    console.log(`# ${line}`);
  }
}

export class Failure extends Error {}

export function check(holds, what) {
  if (!holds) {
    throw new Failure(what);
  }
}

export function near(value, wanted, tolerance, what) {
  check(Math.abs(value - wanted) <= tolerance,
    `${what} is ${value}, not ${wanted} (give or take ${tolerance})`);
}

/* Asks until the answer is true and returns it. Late is a failure that says
 * what was waited for. */
export async function waitFor(question, what, timeoutMs = 20000) {
  const endMs = Date.now() + timeoutMs;

  for (;;) {
    const answer = await question();

    if (answer) {
      return answer;
    }
    check(Date.now() < endMs, `waited ${timeoutMs} ms in vain for: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/* What does not end by itself */
export function within(promise, what, timeoutMs = 20000) {
  let timer;

  return Promise.race([promise, new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure(
      `waited ${timeoutMs} ms in vain for: ${what}`)), timeoutMs);
  })]).finally(() => clearTimeout(timer));
}

export async function runTests(only) {
  const chosen = tests.filter(({ name }) => !only || name.includes(only));
  let failed = false;

  console.log(`1..${chosen.length}`);
  for (const [index, { name, func, skip }] of chosen.entries()) {
    const number = index + 1;

    if (skip) {
      console.log(`ok ${number} ${name} # SKIP ${skip}`);
      continue;
    }
    try {
      await func();
      console.log(`ok ${number} ${name}`);
    } catch (error) {
      failed = true;
      console.log(`not ok ${number} ${name}`);
      say(error instanceof Failure ? error.message : error.stack);
    }
  }

  return !failed;
}
