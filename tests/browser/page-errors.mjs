// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the server's own page says when something is not as it should be.

import { DESK, PHONE } from './page-tab.mjs';
import { startPublisher, startServer, using } from './processes.mjs';
import { check, test } from './tap.mjs';

/* @tools: makePageTools() */
export function addPageErrorTests({ serverPath, tools }) {
  const { withTab, waitFrames, checkFits, checkYellow } = tools;

  test('page: errors in words', () => using(startServer(serverPath),
    async (server) => {
      const uri = `${server.uri}/webrtc/live`;

      await withTab(server, '#watch/live', PHONE, async (tab) => {
        await tab.getByText('Nobody publishes this stream').waitFor();
        await checkFits(tab, 'page-offline-phone');

        /* And it goes on when there is something. */
        await using(startPublisher(uri, { video: 'video/x-h264' }),
          async () => {
            await waitFrames(tab, 'watch');
            await withTab(server, '#publish', PHONE, async (other) => {
              await other.getByRole('button', { name: 'Start' }).click();
              await other.getByText('The server does not allow this')
                .waitFor();
              await other.getByRole('button', { name: 'Start' }).waitFor();
            });
          });
        await tab.getByText('The stream has ended').waitFor();
      });
    }));

  test('page: no camera, in words', () => using(startServer(serverPath),
    (server) => withTab(server, '', PHONE, async (tab) => {
      const refuse = (name) => tab.evaluate((reason) => {
        navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new DOMException('', reason));
      }, name);
      const start = async (words) => {
        await tab.getByRole('button', { name: 'Start' }).click();
        await tab.getByText(words).waitFor();
      };

      await tab.getByRole('link', { name: 'Publish', exact: true }).click();
      await tab.locator('#publish [name=source]').selectOption('camera');
      await refuse('NotAllowedError');
      await start('There is no camera to publish. The browser was not allowed');
      await refuse('NotFoundError');
      await start('There is no camera to publish. There is none on this');
      await tab.evaluate(() => Object.defineProperty(navigator, 'mediaDevices',
        { value: undefined }));
      await start('over https only. The test card works.');
      await checkFits(tab, 'page-no-camera-phone');
      await tab.locator('#publish [name=source]').selectOption('card');
      await tab.getByRole('button', { name: 'Start' }).click();
      await server.waitLine(/publisher of 'live'.*connected/);
    })));

  test('page: tokens', () => using(startServer(serverPath,
    ['--publish-token', 'pub', '--play-token', 'see']), (server) => using(
    startPublisher(`${server.uri}/webrtc/live?id=pub`,
      { video: 'video/x-h264' }),
    async () => {
      await server.waitLine(/live.*connected/);
      await withTab(server, '', DESK, (tab) =>
        tab.getByText('to those with a token only').waitFor());
      await withTab(server, '?id=see', DESK, async (tab) => {
        await checkYellow(tab, '.card canvas');
        await tab.getByRole('link', { name: 'Publish', exact: true }).click();
        await tab.getByLabel('Name').fill('other');
        await tab.getByRole('button', { name: 'Start' }).click();
        await tab.getByText('The server does not allow this').waitFor();
      });
      await withTab(server, '?id=pub#publish', DESK, async (tab) => {
        await tab.getByLabel('Name').fill('other');
        await tab.getByRole('button', { name: 'Start' }).click();
        await server.waitLine(/publisher of 'other'.*connected/);
        const line = await tab.locator('#publish code').textContent();

        check(line.endsWith('/webrtc/other?id=TOKEN"'), line);
      });
    })));

  test('page: the server goes away', () => using(startServer(serverPath),
    (server) => withTab(server, '#publish', DESK, async (publisher) => {
      await publisher.getByRole('button', { name: 'Start' }).click();
      await server.waitLine(/publisher of 'live'.*connected/);
      await withTab(server, '#watch/live', DESK, async (player) => {
        await waitFrames(player, 'watch');
        await withTab(server, '', DESK, async (tab) => {
          await checkYellow(tab, '.card canvas');
          await server.stop();
          await publisher.getByText('The server has ended this stream').waitFor();
          await player.getByText('The stream has ended').waitFor();
          await tab.getByText('The server cannot be reached').waitFor();
          await publisher.getByRole('button', { name: 'Start' }).click();
          await publisher.getByText('The server cannot be reached').waitFor();
        }, { mayFail: true });
      }, { mayFail: true });
    }, { mayFail: true })));
}
