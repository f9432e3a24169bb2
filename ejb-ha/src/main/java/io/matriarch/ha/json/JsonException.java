package io.matriarch.ha.json;

/** A text is not JSON. The message says where and why, and never carries the text itself (it may hold secrets). */
public final class JsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public JsonException(String message) {
        super(message);
    }
}
