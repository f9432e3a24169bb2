package io.matriarch.web.patroni;

import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.WalBoard;
import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.status.StatusBoardBean;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.time.Instant;

/** Puts Patroni's surface at the root of the REST port when the web application starts. */
@WebListener
public class PatroniStart implements ServletContextListener {

    @Override
    public void contextInitialized(ServletContextEvent event) {
        var context = event.getServletContext();
        var beans = CDI.current();
        var commands = beans.select(HaCommands.class).get();
        var board = beans.select(StatusBoardBean.class).get();
        var cache = ProbeExtension.cacheOf(context);
        commands.restapi().ifPresent(restapi -> {
            cache.extraHeaders(restapi.extraHeaders());
            ProbeExtension.serveTls(context, restapi);
            commands.onReload(changed -> {
                cache.extraHeaders(changed.extraHeaders());
                ProbeExtension.renewTls(context, changed);
            });
        });
        board.newest().ifPresent(cache::take);
        board.onPublish(cache::take);
        var manager = beans.select(ManagerBoard.class).get();
        var wal = beans.select(WalBoard.class).get();
        var api = new PatroniApi(
                commands,
                cache,
                beans.select(HealthState.class).get(),
                () -> ManagerMetrics.render(manager, wal, Instant.now()));
        context.addServlet("patroni", new PatroniServlet(api, cache)).addMapping("/");
    }
}
