package io.matriarch.ha.model;

/** The name of a cluster in the DCS, with the namespace that it lives under (default {@code service}). */
public record Scope(String namespace, String name) {
    public Scope {
        namespace = strip(namespace);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a scope is not blank");
        }
    }

    /** {@code /<namespace>/<scope>/}, duplicate slashes collapsed. */
    public String prefix() {
        return (namespace.isEmpty() ? "/" : "/" + namespace + "/") + name + "/";
    }

    private static String strip(String text) {
        return text.replaceAll("/+", "/").replaceAll("^/|/$", "");
    }

    @Override
    public String toString() {
        return name;
    }
}
