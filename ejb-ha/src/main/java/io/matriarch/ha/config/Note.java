package io.matriarch.ha.config;

/**
 * A correction of the dynamic configuration that this member made for itself; etcd is left as it is. To be logged once.
 *
 * @param key dotted path
 * @param stored what etcd says
 * @param used what holds here
 * @param why the limit or rule, as a sentence
 */
public record Note(String key, String stored, String used, String why) {

    @Override
    public String toString() {
        return key + ": " + stored + " is stored, " + used + " is used: " + why;
    }
}
