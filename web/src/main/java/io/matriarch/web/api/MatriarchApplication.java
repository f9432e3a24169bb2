package io.matriarch.web.api;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** Everything below {@code /matriarch}. */
@ApplicationPath("/matriarch")
public class MatriarchApplication extends Application {
    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(
                NodeResource.class,
                BackupResource.class,
                JobResource.class,
                RestoreResource.class,
                ManagerResource.class,
                WalResource.class,
                NodeTaskResource.class,
                RepositoryResource.class,
                CommandFilter.class,
                IdentifiedFilter.class,
                ElectedFilter.class);
    }
}
