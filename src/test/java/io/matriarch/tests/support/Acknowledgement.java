package io.matriarch.tests.support;

/**
 * One commit that a member confirmed to a client.
 *
 * @param writer the writer's number, unique within a test run
 * @param seq the writer's row
 * @param member the member that confirmed
 * @param timeline the timeline on which it wrote, as the first eight digits of a WAL file name
 * @param sentAt when the client sent the insert, on the monotonic clock in nanoseconds
 * @param acknowledgedAt when the client had the confirmation, on the same clock
 */
public record Acknowledgement(int writer, long seq, String member, String timeline, long sentAt, long acknowledgedAt) {}
