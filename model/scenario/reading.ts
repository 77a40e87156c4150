/** How clients take what their kernel holds for them, and send what is long. */

/**
 * How much the network service of a browser reads for a page that takes nothing: the pipe between them is
 * full then. Source: Chromium, services/network/websocket.cc, kReceiveDataPipeCapacity.
 */
export const PAGE_BUFFER_BYTES = 131_000;

/** A client that reads at a rate has used up a second's bytes at the beginning of that second, at worst. */
export const READ_SLICE_MS = 1_000;

/** One that sends a message at a rate sends a second's bytes of it at the beginning of that second. */
export const UPLOAD_SLICE_MS = 1_000;
