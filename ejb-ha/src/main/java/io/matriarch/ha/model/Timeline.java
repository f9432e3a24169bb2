package io.matriarch.ha.model;

/** A PostgreSQL timeline id; each promotion begins the next one. Starts at 1. */
public record Timeline(int id) implements Comparable<Timeline> {
    public Timeline {
        if (id < 1) {
            throw new IllegalArgumentException("a timeline starts at 1, not " + id);
        }
    }

    public Timeline next() {
        return new Timeline(id + 1);
    }

    @Override
    public int compareTo(Timeline other) {
        return Integer.compare(id, other.id);
    }

    @Override
    public String toString() {
        return Integer.toString(id);
    }
}
