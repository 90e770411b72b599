using Admission.Grains.Authority;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Admission.Grains.Tests.Authority;

public sealed class SiloAuthorityTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly AuthorityProbe _store;
    private readonly LogProbe<SiloAuthority> _log = new();
    private readonly SiloAuthority _silo;

    public SiloAuthorityTests()
    {
        _store = new AuthorityProbe(_time);
        _silo = new SiloAuthority(_store, _time, Options.Create(new CapacityGrainOptions { RenewedBySilo = true }), _log);
    }

    public void Dispose() => _silo.Dispose();

    [Fact]
    public async Task Counts_from_before_the_statement_was_sent()
    {
        var ledger = _silo.Register("b", await _silo.NextEpochAsync("b", 0, default));
        var before = _time.GetTimestamp();
        _store.AnswerTakes = TimeSpan.FromSeconds(7);

        (await _silo.RenewAsync(default)).ShouldBeTrue();

        ledger.Take().ShouldBe(new AuthorityRenewal(before, StillOurs: true));
        ledger.Take().ShouldBeNull();
        _silo.Age.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Renews_all_ledgers_in_one_statement_and_none_that_has_gone()
    {
        var first = _silo.Register("one", await _silo.NextEpochAsync("one", 0, default));
        _silo.Register("two", await _silo.NextEpochAsync("two", 6, default));
        await _silo.RenewAsync(default);
        first.Dispose();
        await _silo.RenewAsync(default);

        _store.Renewals[0].ShouldBe([new LedgerClaim("one", 1), new LedgerClaim("two", 7)], ignoreOrder: true);
        _store.Renewals[1].ShouldBe([new LedgerClaim("two", 7)]);
    }

    [Fact]
    public async Task Tells_a_ledger_with_a_successor_once_and_forgets_it()
    {
        var old = _silo.Register("b", await _silo.NextEpochAsync("b", 0, default));
        var successor = _silo.Register("b", await _silo.NextEpochAsync("b", 1, default));

        await _silo.RenewAsync(default);

        old.Take()!.StillOurs.ShouldBeFalse();
        successor.Take()!.StillOurs.ShouldBeTrue();
        _silo.Ledgers.ShouldBe(1);
    }

    [Fact]
    public async Task A_failed_renewal_changes_nothing_until_the_time_is_over()
    {
        var ledger = _silo.Register("b", await _silo.NextEpochAsync("b", 0, default));
        _silo.IsValid.ShouldBeFalse();
        await _silo.RenewAsync(default);
        ledger.Take();

        _store.Failure = new TimeoutException("The database is away.");
        _time.Advance(TimeSpan.FromSeconds(44.9));
        (await _silo.RenewAsync(default)).ShouldBeFalse();
        ledger.Take().ShouldBeNull();
        _silo.IsValid.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _silo.IsValid.ShouldBeFalse();

        _store.Failure = null;
        (await _silo.RenewAsync(default)).ShouldBeTrue();
        _silo.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task Says_when_it_begins_to_fail_when_authority_has_run_out_and_when_it_works_again()
    {
        await _silo.RenewAsync(default);
        _store.Failure = new TimeoutException("The database is away.");
        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _silo.RenewAsync(default);
        }

        _log.Entries.Select(entry => entry.Id).ShouldBe([3050, 3052]);
        _log.Entries[0].Message.ShouldContain("00:00:44");
        _store.Failure = null;
        await _silo.RenewAsync(default);
        await _silo.RenewAsync(default);
        _log.Entries.Select(entry => entry.Id).ShouldBe([3050, 3052, 3051]);
        _log.Entries[2].Message.ShouldContain("00:00:59");
    }

    [Fact]
    public void Authority_lasts_longer_where_a_database_renews_it_and_what_was_set_is_kept()
    {
        Settings(services => services.AddSiloAuthority()).AuthorityTtl.ShouldBe(TimeSpan.FromSeconds(45));
        Settings(_ => { }).AuthorityTtl.ShouldBe(TimeSpan.FromSeconds(10));
        Settings(services => services.Configure<CapacityGrainOptions>(options => options.AuthorityTtl = TimeSpan.FromSeconds(20)).AddSiloAuthority())
            .AuthorityTtl.ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Every_wrong_setting_is_named_with_its_value()
    {
        var options = new CapacityGrainOptions { RenewedBySilo = true, AuthorityTtl = TimeSpan.FromSeconds(14), MaxHolders = 0 };
        var failures = new CapacityGrainOptionsRules().Validate(null, options).Failures!.ToList();
        failures.Count.ShouldBe(2);
        failures.ShouldContain(failure => failure.Contains("00:00:14") && failure.Contains("00:00:05"));

        options.RenewedBySilo = false;
        options.MaxHolders = 1;
        new CapacityGrainOptionsRules().Validate(null, options).Succeeded.ShouldBeTrue();
    }

    private static CapacityGrainOptions Settings(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection().AddOptions();
        configure(services);
        return services.BuildServiceProvider().GetRequiredService<IOptions<CapacityGrainOptions>>().Value;
    }
}
