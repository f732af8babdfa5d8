// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Pools of wsctl-server: Chromium with rtcpool, and one of ours.

import { Program, startServer, using } from './processes.mjs';
import { check, say, test, waitFor, within } from './tap.mjs';

const POOL = 'p';
const TOKEN = 'manage';
const N_FRAMES = 30;
const N_SOUNDS = 50;

/* One of ours, and what it has counted */
class Peer extends Program {
  getCount(kind) {
    const line = this.lines.findLast((one) => one.startsWith(`${kind} `));

    return line ? Number(line.split(' ')[1]) : 0;
  }

  async waitMore(kind, n) {
    const before = this.getCount(kind);

    await waitFor(() => this.getCount(kind) >= before + n,
      `${n} packets of ${kind} at the peer`);
  }

  /* Nothing of it for half a second */
  async waitNone(kind) {
    await waitFor(async () => {
      const before = this.getCount(kind);

      await new Promise((resolve) => { setTimeout(resolve, 500); });
      return this.getCount(kind) === before;
    }, `no ${kind} at the peer`);
  }
}

/* @withPoolPage: runs a function with a tab that has rtcpool in it */
export function addPoolTests({ serverPath, peerPath, withPoolPage }) {
  async function startPeer(server) {
    const peer = new Peer(peerPath, [server.uri]);
    const line = await peer.waitLine(/^joined /);

    peer.id = line.split(' ')[1];
    return peer;
  }

  /* And nothing is left of it. */
  async function usingPeer(server, func) {
    let peer;

    await using(startPeer(server), (one) => {
      peer = one;
      return func(one);
    });
    check(peer.lines.includes('clean'), 'the peer has something left');
  }

  function getState(tab) {
    return tab.evaluate('getState()');
  }

  async function checkEcho(tab, label, question) {
    const answer = await within(tab.evaluate(
      (args) => window.ask(...args), [label, question]), `an echo on ${label}`);

    check(`${answer}` === `${question}`, `'${question}' came back '${answer}'`);
  }

  function openChannel(tab, label) {
    return within(tab.evaluate((text) => window.openChannel(text), label),
      `the data channel ${label} to be open`);
  }

  async function waitEvent(tab, name, accept = () => true) {
    return waitFor(async () => (await getState(tab)).events.find(
      (event) => event.name === name && accept(event)), `the event ${name}`);
  }

  async function join(tab, server) {
    await tab.evaluate(([uri, name]) => window.join(uri, name),
      [server.uri, POOL]);
    await waitEvent(tab, 'join');
  }

  async function waitFrames(tab) {
    const { frames } = await getState(tab);

    await waitFor(async () => (await getState(tab)).frames
      >= frames + N_FRAMES, `${N_FRAMES} frames in the page`);
  }

  /* The number begins anew with each change of the connection. */
  async function waitSounds(tab) {
    let least = Infinity;

    await waitFor(async () => {
      const { sounds } = await getState(tab);

      least = Math.min(least, sounds);
      return sounds >= least + N_SOUNDS;
    }, `${N_SOUNDS} packets of sound in the page`);
  }

  async function waitNoFrames(tab) {
    await waitFor(async () => {
      const { frames } = await getState(tab);

      await tab.waitForTimeout(500);
      return (await getState(tab)).frames === frames;
    }, 'no more frames in the page');
  }

  async function checkMedia(tab, peer) {
    await waitFrames(tab);
    await waitSounds(tab);
    await peer.waitMore('video', N_FRAMES);
    await peer.waitMore('audio', N_SOUNDS);
  }

  /* @first: who is there when the other one joins, and so is impolite */
  function withBoth(first, func) {
    return using(startServer(serverPath, ['--pool-token', TOKEN]),
      (server) => withPoolPage(async (tab) => {
        if (first === 'browser') {
          await join(tab, server);
        }
        try {
          await usingPeer(server, async (peer) => {
            if (first === 'peer') {
              await join(tab, server);
            }
            await peer.waitLine(/^peer /);
            await func(tab, peer, server);
          });
        } catch (error) {
          say(JSON.stringify(await getState(tab)));
          throw error;
        }
      }));
  }

  const name = (first, what) => `pool, the ${first} first: ${what}`;

  for (const first of ['peer', 'browser']) {
    test(name(first, 'media both ways'), () => withBoth(first, checkMedia));

    test(name(first, 'descriptions'), () => withBoth(first,
      async (tab, peer, server) => {
        const { id } = await getState(tab);
        const describe = async (who, description) => {
          const reply = await fetch(`${server.uri.replace('ws:', 'http:')}`
            + `/pools/${POOL}/peers/${who}/description?id=${TOKEN}`,
          { method: 'PUT', body: JSON.stringify(description) });

          check(reply.status === 204, `PUT is answered by ${reply.status}`);
        };

        await describe(peer.id, { name: 'ours' });
        const { description } = await waitEvent(tab, 'describe',
          (event) => event.id === peer.id);

        check(description.name === 'ours', JSON.stringify(description));
        await describe(id, { name: 'theirs' });
        await peer.waitLine(new RegExp(`^described ${id} .*theirs`));
      }));

    test(name(first, 'who leaves'), () => withBoth(first, async (tab, peer) => {
      const { id } = await getState(tab);

      await checkMedia(tab, peer);
      await tab.evaluate(() => window.leave());
      await peer.waitLine(new RegExp(`^left ${id}`));
    }));

    test(name(first, 'data channels both ways'), () => withBoth(first,
      async (tab, peer) => {
        await checkMedia(tab, peer);
        await openChannel(tab, 'theirs');
        await checkEcho(tab, 'theirs', 'hello');
        await checkEcho(tab, 'theirs', [1, 0, 255]);

        peer.tell('channel ours');
        await peer.waitLine(/^channel ours open/);
        peer.tell('send ours hello there');
        await peer.waitLine(/^message ours hello there!/);

        await tab.evaluate(() => window.closeChannel('theirs'));
        await peer.waitLine(/^channel theirs closed/);
        await checkMedia(tab, peer);
      }));

    test(name(first, 'mute'), () => withBoth(first, async (tab, peer) => {
      await checkMedia(tab, peer);

      /* rtcpool takes the track away, and negotiates. */
      await tab.evaluate(() => window.mute('video'));
      await peer.waitNone('video');
      await peer.waitMore('audio', N_SOUNDS);
      await waitFrames(tab);
      await tab.evaluate(() => window.unmute('video'));
      await peer.waitMore('video', N_FRAMES);
      await checkMedia(tab, peer);

      peer.tell('mute video');
      await waitNoFrames(tab);
      await waitSounds(tab);
      peer.tell('unmute video');
      await checkMedia(tab, peer);
    }));

    test(name(first, 'negotiated again by our side'), () => withBoth(first,
      async (tab, peer) => {
        await checkMedia(tab, peer);
        await openChannel(tab, 'stays');
        await checkEcho(tab, 'stays', 'one');

        peer.tell('remove video');
        await waitNoFrames(tab);
        await peer.waitMore('video', N_FRAMES);
        await waitSounds(tab);
        await checkEcho(tab, 'stays', 'two');

        peer.tell('add video');
        await checkMedia(tab, peer);
        await checkEcho(tab, 'stays', 'three');
      }));
  }

  test('pool: our peer leaves', () => using(startServer(serverPath),
    (server) => withPoolPage(async (tab) => {
      let peerId;

      await usingPeer(server, async (peer) => {
        peerId = peer.id;
        await join(tab, server);
        await checkMedia(tab, peer);
      });
      await waitEvent(tab, 'close', ({ id }) => id === peerId);
      check((await getState(tab)).nConnections === 0, 'somebody is left');
    })));

  test('pool: the server stops it', () => withBoth('peer',
    async (tab, peer, server) => {
      await fetch(`${server.uri.replace('ws:', 'http:')}/pools/${POOL}`
        + `?id=${TOKEN}`, { method: 'DELETE' });
      await waitEvent(tab, 'stop');
      await peer.waitLine(/^stopped/);
    }));
}
