package io.matriarch.tests.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One measured scenario: its table rows and how busy the machine was. */
final class Section {
    private final String key;
    private final String title;
    private final String method;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final List<String> loads = new ArrayList<>();

    /** One quantity with the promise that it is held against. */
    private record Row(String unit, String promise, boolean smallIsGood, Figures figures) {}

    Section(String key, String title, String method) {
        this.key = key;
        this.title = title;
        this.method = method;
    }

    String key() {
        return key;
    }

    /** Adds one measurement of a quantity of which less is better. */
    void add(String quantity, String unit, String promise, double value) {
        rows.computeIfAbsent(quantity, q -> new Row(unit, promise, true, new Figures()))
                .figures()
                .add(value);
    }

    /** Adds one measurement of a quantity of which more is better. */
    void addMoreIsBetter(String quantity, String unit, String promise, double value) {
        rows.computeIfAbsent(quantity, q -> new Row(unit, promise, false, new Figures()))
                .figures()
                .add(value);
    }

    /** Notes how busy the machine is now. */
    void noteLoad() {
        loads.add(Machine.load());
    }

    String markdown() {
        StringBuilder text = new StringBuilder("## " + title + "\n\n" + method + "\n\n");
        text.append("| quantity | median | worst | promised | runs |\n|---|---|---|---|---|\n");
        rows.forEach((quantity, row) -> {
            Figures f = row.figures();
            double worst = row.smallIsGood() ? f.largest() : f.smallest();
            text.append("| %s | %s | %s | %s | %d |%n"
                    .formatted(
                            quantity,
                            (Figures.text(f.median()) + " " + row.unit()).strip(),
                            (Figures.text(worst) + " " + row.unit()).strip(),
                            row.promise(),
                            f.count()));
        });
        text.append("\nEach run: ");
        text.append(String.join(
                "; ",
                rows.entrySet().stream()
                        .map(r -> (r.getKey() + " " + r.getValue().figures().all() + " "
                                        + r.getValue().unit())
                                .strip())
                        .toList()));
        text.append(".\n\n").append(Machine.describe());
        text.append(" Load average (1 min) before each run: ").append(String.join(", ", loads));
        return text.append(".\n").toString();
    }
}
