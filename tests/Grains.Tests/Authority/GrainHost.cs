using Admission.Capacity;
using Admission.Grains.Authority;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using NSubstitute;
using Orleans.TestKit;

namespace Admission.Grains.Tests.Authority;

/// <summary>A silo with one activation of backend "b", its record shared with other silos, and its authority in PostgreSQL.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private readonly TestKitSilo _kit = new();
    private readonly NpgsqlDataSource _database;
    private readonly ICapacityObserver _observer = Substitute.For<ICapacityObserver>();
    private CapacityGrain? _grain;

    public GrainHost(SharedRecord record, string database, TimeSpan? authorityTtl = null)
    {
        var options = Options.Create(new CapacityGrainOptions { RenewedBySilo = true, AuthorityRenewal = TimeSpan.FromMilliseconds(200) });
        options.Value.AuthorityTtl = authorityTtl ?? options.Value.AuthorityTtl;
        _database = NpgsqlDataSource.Create(database);
        var store = new PostgresAuthorityStore(
            _database, Options.Create(new PostgresAuthorityOptions { ServiceId = "admission", Silo = Guid.NewGuid().ToString("N") }), TimeProvider.System);
        Authority = new SiloAuthority(store, TimeProvider.System, options, NullLogger<SiloAuthority>.Instance);
        _kit.AddService(TimeProvider.System);
        _kit.AddService<ILogger<CapacityGrain>>(NullLogger<CapacityGrain>.Instance);
        _kit.AddService<IOptions<CapacityGrainOptions>>(options);
        _kit.AddService<IEpochAuthority>(Authority);
        _kit.AddPersistentStateStorage("ledger", CapacityGrain.StorageName, record.Open());
    }

    public SiloAuthority Authority { get; }

    public async Task<CapacityGrain> ActivateAsync() => _grain = await _kit.CreateGrainAsync<CapacityGrain>(CapacityGrainKey.Of("b"));

    public Task DeactivateAsync() => _kit.DeactivateAsync(_grain!);

    public Task<LedgerMessage> ReportAsync(string holder, long sequence, long epoch, int held = 0, long applied = 0, long ticket = 0) =>
        _grain!.ExchangeAsync(
            new HolderReport
            {
                Holder = holder,
                Incarnation = 1,
                Epoch = epoch,
                Sequence = sequence,
                AppliedDecision = applied,
                Held = held == 0 ? [] : [new HeldPermits("", held, held)],
                Tickets = ticket == 0 ? [] : [new TicketRequest(ticket, 1, Priorities.Normal, null, TimeSpan.FromMinutes(1))],
            },
            _observer);

    public async ValueTask DisposeAsync()
    {
        await Authority.StopAsync(default);
        Authority.Dispose();
        await _database.DisposeAsync();
    }
}
