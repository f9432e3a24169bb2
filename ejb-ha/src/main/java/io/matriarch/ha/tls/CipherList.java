package io.matriarch.ha.tls;

import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * OpenSSL's cipher lists ({@code HIGH:!aNULL:!SHA1}) over the JDK's cipher suites. As with OpenSSL, a list rules TLS 1.2 and older only, the
 * suites of TLS 1.3 stay; a word that names nothing here selects nothing.
 */
public final class CipherList {
    private CipherList() {}

    /**
     * The JDK's suites that {@code list} selects, by preference, those of TLS 1.3 first.
     *
     * @throws IllegalArgumentException when it leaves no suite for TLS 1.2
     */
    public static List<String> select(String list) {
        SSLContext context;
        try {
            context = SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
        var offered = List.of(context.getSupportedSSLParameters().getCipherSuites());
        var defaults = Set.of(context.getDefaultSSLParameters().getCipherSuites());
        var old = select(list, offered.stream().filter(Suite::isClassic).toList(), defaults);
        if (old.isEmpty()) {
            throw new IllegalArgumentException("no cipher can be selected");
        }
        return Stream.concat(offered.stream().filter(Suite::isThirteen), old.stream())
                .toList();
    }

    static List<String> select(String list, List<String> offered, Set<String> defaults) {
        List<Suite> suites = offered.stream().map(Suite::of).toList();
        Set<Suite> chosen = new LinkedHashSet<>();
        Set<Suite> banned = new LinkedHashSet<>();
        for (String word : list.split("[:, ;]+")) {
            if (word.isEmpty() || word.startsWith("@")) {
                // @STRENGTH: the JDK's own order is by strength. @SECLEVEL: its disabled algorithms are the JDK's
                // affair.
                continue;
            }
            char first = word.charAt(0);
            String names = "!-+".indexOf(first) < 0 ? word : word.substring(1);
            var wanted = suites.stream().filter(matching(names, defaults)).toList();
            switch (first) {
                case '!' -> {
                    banned.addAll(wanted);
                    chosen.removeAll(wanted);
                }
                case '-' -> chosen.removeAll(wanted);
                case '+' -> {
                    var moved = wanted.stream().filter(chosen::contains).toList();
                    chosen.removeAll(moved);
                    chosen.addAll(moved);
                }
                default -> wanted.stream().filter(s -> !banned.contains(s)).forEach(chosen::add);
            }
        }
        return chosen.stream().map(Suite::jdkName).toList();
    }

    /** {@code kECDHE+AESGCM}: all of the words must hold. */
    private static Predicate<Suite> matching(String names, Set<String> defaults) {
        List<Predicate<Suite>> all = new ArrayList<>();
        for (String name : names.split("\\+")) {
            all.add(name.equals("DEFAULT") ? s -> defaults.contains(s.jdkName()) : s -> s.is(name));
        }
        return s -> all.stream().allMatch(p -> p.test(s));
    }

    /** A suite of TLS 1.2 or older, taken apart. */
    private record Suite(String jdkName, String exchange, String proof, String cipher, String hash) {

        static boolean isClassic(String name) {
            return name.contains("_WITH_");
        }

        static boolean isThirteen(String name) {
            return name.matches("TLS_(AES|CHACHA20)_.*");
        }

        /** {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}. */
        static Suite of(String name) {
            String[] halves = name.replaceFirst("^(TLS|SSL)_", "").split("_WITH_", 2);
            String[] agreed = halves[0].split("_");
            String exchange = agreed[0];
            String proof = agreed.length == 1 ? exchange : agreed[1].toUpperCase(Locale.ROOT);
            int cut = halves[1].lastIndexOf('_');
            return new Suite(name, exchange, proof, halves[1].substring(0, cut), halves[1].substring(cut + 1));
        }

        boolean is(String word) {
            return switch (word) {
                case "ALL" -> !cipher.equals("NULL");
                case "HIGH" -> cipher.startsWith("AES") || cipher.startsWith("CHACHA20");
                case "MEDIUM" -> cipher.startsWith("3DES");
                case "eNULL", "NULL" -> cipher.equals("NULL");
                case "aNULL" -> proof.equals("ANON");
                case "RSA", "kRSA" -> exchange.equals("RSA");
                case "aRSA" -> proof.equals("RSA");
                case "ECDSA", "aECDSA" -> proof.equals("ECDSA");
                case "DSS", "aDSS" -> proof.equals("DSS");
                case "kECDHE", "kEECDH" -> exchange.equals("ECDHE");
                case "ECDHE", "EECDH" -> exchange.equals("ECDHE") && !proof.equals("ANON");
                case "ECDH" -> exchange.startsWith("ECDH");
                case "kDHE", "kEDH" -> exchange.equals("DHE");
                case "DHE", "EDH" -> exchange.equals("DHE") && !proof.equals("ANON");
                case "DH" -> exchange.startsWith("DH");
                case "AES" -> cipher.startsWith("AES");
                case "AES128" -> cipher.startsWith("AES_128");
                case "AES256" -> cipher.startsWith("AES_256");
                case "AESGCM" -> cipher.startsWith("AES") && cipher.endsWith("GCM");
                case "AESCCM" -> cipher.startsWith("AES") && cipher.endsWith("CCM");
                case "CHACHA20" -> cipher.startsWith("CHACHA20");
                case "3DES" -> cipher.startsWith("3DES");
                case "DES" -> cipher.startsWith("DES");
                case "RC4" -> cipher.startsWith("RC4");
                case "MD5" -> hash.equals("MD5");
                // A suite with an AEAD cipher names the hash of its key derivation; it has no MAC.
                case "SHA", "SHA1" -> hash.equals("SHA") && !isAead();
                case "SHA256" -> hash.equals("SHA256") && !isAead();
                case "SHA384" -> hash.equals("SHA384") && !isAead();
                case "TLSv1.2" -> isAead() || !hash.equals("SHA") && !hash.equals("MD5");
                case "TLSv1", "TLSv1.0", "SSLv3" -> hash.equals("SHA") || hash.equals("MD5");
                default -> word.equals(jdkName) || word.equals(openSslName());
            };
        }

        private boolean isAead() {
            return cipher.endsWith("GCM") || cipher.endsWith("CCM") || cipher.startsWith("CHACHA20");
        }

        /** {@code ECDHE-RSA-AES128-GCM-SHA256}. */
        String openSslName() {
            String agreed = exchange.equals(proof) ? "" : exchange + "-" + proof + "-";
            if (cipher.startsWith("CHACHA20")) {
                return agreed + "CHACHA20-POLY1305";
            }
            String shown = cipher.equals("3DES_EDE_CBC")
                    ? "DES-CBC3"
                    : Arrays.stream(cipher.replace("_CBC", "").split("_"))
                            .reduce((a, b) -> a.equals("AES") ? a + b : a + "-" + b)
                            .orElse(cipher);
            return agreed + shown + "-" + hash;
        }
    }
}
