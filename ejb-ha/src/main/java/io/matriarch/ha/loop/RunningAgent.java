package io.matriarch.ha.loop;

/**
 * What commands may use of a running agent: they write to the DCS, put a request into the inbox and wake the loop; they never decide.
 *
 * @param live looks at PostgreSQL right now, for a peer that must know how much WAL is here before it is elected
 */
public record RunningAgent(Identity identity, Ports ports, Inbox inbox, WakeUps wakeUps, LiveLook live) {}
