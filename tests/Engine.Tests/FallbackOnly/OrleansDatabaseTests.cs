using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.AdoNet;
using Orleans.Fallback.Membership;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>How databases are named in options, and what happens when one does not answer.</summary>
public sealed class OrleansDatabaseTests
{
    [Fact]
    public async Task A_database_that_accepts_and_never_answers_is_given_up_after_the_bound()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        using var database = new OrleansDatabase(
            $"Host=127.0.0.1;Port={port};Username=x;Timeout=0;Command Timeout=0", TimeSpan.FromSeconds(1), 2, TimeProvider.System);
        var table = new AdoNetMemberTable(database, "cluster");
        for (var i = 0; i < 3; i++)
        {
            _ = await Should.ThrowAsync<Exception>(() => table.ReadAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(15)));
        }
    }

    [Theory]
    [InlineData("Npgsql", null, "ConnectionString is required")]
    [InlineData("Npgsql", "Hots=127.0.0.1", "ConnectionString is none")]
    [InlineData("System.Data.SqlClient", "Host=127.0.0.1", "PostgreSQL only")]
    [InlineData(null, "Host=127.0.0.1", "PostgreSQL only")]
    public async Task Clustering_by_a_database_that_is_named_wrongly_is_refused_at_start(string? invariant, string? connectionString, string message)
    {
        var refusal = await Should.ThrowAsync<OrleansConfigurationException>(() => EngineHost.StartAsync(silo =>
            silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (invariant!, connectionString!))));
        refusal.Message.ShouldContain(message);
        refusal.Message.ShouldContain(nameof(AdoNetClusteringSiloOptions));
    }

    [Fact]
    public void Every_wrong_time_of_the_protocol_is_told_at_once()
    {
        var options = new ClusterMembershipOptions { ProbeTimeout = TimeSpan.Zero, NumMissedProbesLimit = 0, TableRefreshTimeout = TimeSpan.MaxValue, NumProbedSilos = 1 };
        var refusal = Should.Throw<OrleansConfigurationException>(() => new MembershipOptionsValidator(Options.Create(options)).ValidateConfiguration());
        foreach (var name in new[] { "ProbeTimeout", "NumMissedProbesLimit", "TableRefreshTimeout", "NumVotesForDeathDeclaration" })
        {
            refusal.Message.ShouldContain(name);
        }

        Should.NotThrow(() => new MembershipOptionsValidator(Options.Create(new ClusterMembershipOptions())).ValidateConfiguration());
    }
}
