/** The longest time that Node's timers take, in milliseconds (24.8 days): one that is asked for a longer time fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1
