/**
 * How much the network service of a browser reads for a page that takes nothing: the pipe between them is
 * full then. Source: Chromium, services/network/websocket.cc, kReceiveDataPipeCapacity.
 */
export const PAGE_BUFFER_BYTES = 131_000;
