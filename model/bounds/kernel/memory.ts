/** Windows, and what they cost in kernel memory: the sizes that decide when a path is full. */

/** tcp_select_initial_window: the first window is offered without scaling. */
export const FIRST_WINDOW_BYTES = 65_536;

/** Kernel memory of a received buffer beside its payload: sk_buff and head. */
export const BUFFER_OVERHEAD_BYTES = 1_280;
