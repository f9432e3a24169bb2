package io.matriarch.web.patroni;

import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.status.StatusBoardBean;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;

/** Puts Patroni's surface at the root of the REST port when the web application starts. */
@WebListener
public class PatroniStart implements ServletContextListener {

    @Override
    public void contextInitialized(ServletContextEvent event) {
        var beans = CDI.current();
        var cache = new StatusCache();
        var board = beans.select(StatusBoardBean.class).get();
        board.newest().ifPresent(cache::take);
        board.onPublish(cache::take);
        var api = new PatroniApi(
                beans.select(HaCommands.class).get(),
                cache,
                beans.select(HealthState.class).get());
        event.getServletContext().addServlet("patroni", new PatroniServlet(api)).addMapping("/");
    }
}
