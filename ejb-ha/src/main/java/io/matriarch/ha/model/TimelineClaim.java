package io.matriarch.ha.model;

/**
 * The {@code matriarch/timeline} key: the highest timeline number that any member ever set out to begin. PostgreSQL takes the next number
 * that it does not know to be used; two members promoted one after the other without having heard of each other would take the same one,
 * and their WAL could not be told apart. So a number is claimed before the promotion and never used again, whether or not it came to pass.
 *
 * @param by who claimed it
 */
public record TimelineClaim(Timeline timeline, MemberName by, Revision modRevision) {}
