using Orleans.Dashboard;
using Orleans.Hosting;

namespace Admission.Silo.Hosting;

internal static partial class OrleansDashboard
{
    static partial void Add(ISiloBuilder silo) => silo.AddDashboard();

    static partial void Map(WebApplication app) => app.MapOrleansDashboard(Path).RequireOperator();
}
