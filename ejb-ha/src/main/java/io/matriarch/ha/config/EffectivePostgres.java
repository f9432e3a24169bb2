package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.model.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Section {@code postgresql} as it holds on this member: the dynamic configuration with the member's file over it.
 *
 * @param config everything but the settings; its {@code parameters} are the file's alone
 * @param parameters the settings
 * @param hbaManaged whether the agent writes pg_hba.conf
 * @param identManaged whether the agent writes pg_ident.conf
 * @param notes what of the dynamic configuration cannot be used, settings included
 */
public record EffectivePostgres(
        PostgresConfig config,
        EffectiveParameters parameters,
        boolean hbaManaged,
        boolean identManaged,
        List<Note> notes) {

    public EffectivePostgres {
        notes = List.copyOf(notes);
    }

    /**
     * Brings both together.
     *
     * @param dynamic the whole dynamic configuration
     * @param local a node's file
     * @param majorVersion of the PostgreSQL that will run
     */
    public static EffectivePostgres of(Mapping dynamic, LocalConfig local, int majorVersion) {
        Scope scope = local.scope();
        PostgresConfig own = local.node();
        Mapping global = dynamic.mapping("postgresql");
        Mapping merged = global;
        for (String key : PostgresReader.LOCAL_ONLY) {
            merged = merged.without(key);
        }
        for (Map.Entry<String, Node> entry : local.postgresTree().entries().entrySet()) {
            if (!entry.getValue().isNull()) {
                merged = merged.with(entry.getKey(), entry.getValue());
            }
        }
        merged = merged.with("bin_dir", Node.Scalar.text(own.binDir().toString()));
        Problems problems = new Problems();
        Optional<PostgresConfig> config =
                new PostgresReader(new Section("postgresql", merged, problems), Machine.assumed()).read();
        PostgresConfig effective = config.orElse(own);
        EffectiveParameters parameters = EffectiveParameters.of(
                settings(global),
                settings(local.postgresTree()),
                effective.recoveryConf(),
                effective.listen(),
                scope,
                majorVersion);
        List<Note> notes = new ArrayList<>();
        for (Problem problem : problems.sorted()) {
            // What the file says was reported when it was loaded.
            if (problem.at().equals(Location.NOWHERE)) {
                notes.add(
                        new Note(problem.key(), "the dynamic configuration's value", "the default", problem.message()));
            }
        }
        notes.addAll(parameters.notes());
        boolean hba = !effective.pgHba().isEmpty() && !parameters.file().containsKey("hba_file");
        boolean ident = !effective.pgIdent().isEmpty() && !parameters.file().containsKey("ident_file");
        return new EffectivePostgres(effective, parameters, hba, ident, notes);
    }

    private static Map<String, String> settings(Mapping postgresql) {
        Map<String, String> settings = new LinkedHashMap<>();
        postgresql.mapping("parameters").entries().forEach((name, value) -> {
            if (value instanceof Node.Scalar scalar && !scalar.isNull()) {
                settings.put(name, Section.settingText(scalar));
            }
        });
        return settings;
    }
}
