using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>A silo that has membership and nothing else.</summary>
internal sealed class TestSilo : ISiloProbe, ILogger<SiloMembership>, IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly TestExit _exit = new();

    public TestSilo(TestCluster cluster, int port, CuttableTable table, ClusterMembershipOptions options, TimeProvider time)
    {
        _cluster = cluster;
        Table = table;
        var endpoint = Options.Create(new EndpointOptions { AdvertisedIPAddress = IPAddress.Loopback, SiloPort = port, GatewayPort = port + 1 });
        Local = new LocalSilo(endpoint, Options.Create(new SiloOptions { SiloName = $"silo-{port}" }), time);
        Membership = new SiloMembership(Local, table, new Lazy<ISiloProbe>(this), Options.Create(options), Gate, _exit, time, this);
    }

    public LocalSilo Local { get; }

    public CuttableTable Table { get; }

    public SiloMembership Membership { get; }

    public SiloGate Gate { get; } = new("") { Refusal = null };

    public SiloAddress Address => Local.Address;

    /// <summary>Whether it answers others; a test makes it deaf.</summary>
    public bool Answers { get; set; } = true;

    public bool HasLeft => _exit.HasLeft;

    public ConcurrentQueue<string> Log { get; } = new();

    public async Task StartAsync()
    {
        await Membership.JoinAsync(CancellationToken.None);
        await Membership.BecomeActiveAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        await Membership.BeginShutdownAsync(CancellationToken.None);
        await Membership.EndAsync(CancellationToken.None);
    }

    /// <summary>Ends it without a word: from now on it neither answers nor writes.</summary>
    public async Task KillAsync()
    {
        (Answers, Table.IsAway) = (false, true);
        await Membership.EndAsync(CancellationToken.None);
    }

    public bool SeesActive(params TestSilo[] active) =>
        Membership.Current.Active.Select(member => member.Address).Order().SequenceEqual(active.Select(silo => silo.Address).Order());

    public Task UntilLeftAsync() => Admission.Testing.Until.TrueAsync(
        () => HasLeft && Gate.Refusal is not null && Membership.Failed.IsCancellationRequested, TestCluster.Bound,
        () => $"{Address} has not left. Its log:\n{string.Join('\n', Log)}");

    public Task UntilLoggedAsync(string text) => Admission.Testing.Until.TrueAsync(
        () => Log.Any(line => line.Contains(text, StringComparison.Ordinal)), TestCluster.Bound,
        () => $"{Address} has not logged '{text}', only:\n{string.Join('\n', Log)}");

    public async Task<TimeSpan> ProbeAsync(SiloAddress silo, CancellationToken cancellation)
    {
        if (Answers && _cluster.Reach(Address, silo) is { } other)
        {
            return other.Membership.TableAge;
        }

        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException();
    }

    public void TellChanged(SiloAddress silo) => _ = Answers ? _cluster.Reach(Address, silo)?.Membership.RefreshAsync() : null;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)}");

    public async ValueTask DisposeAsync()
    {
        await Membership.EndAsync(CancellationToken.None);
        Membership.Dispose();
    }

    private sealed class TestExit() : SiloExit(new NoLifetime())
    {
        public bool HasLeft { get; private set; }

        public override void Leave() => HasLeft = true;
    }

    private sealed class NoLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => throw new InvalidOperationException();
    }
}
