using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Admission.Simulation;

/// <summary>The simulator can fail: every broken rule is found, by the promise that the rule is there for, and the same seeds pass unbroken.</summary>
public class MutantTests(ITestOutputHelper output)
{
    private const long Steps = 5_000;

    private static readonly Dictionary<string, Expectation> Mutants = new()
    {
        ["books a difference instead of a state"] = new(() => new BooksDifferences(), Profile.Lossy, "P1"),
        ["forgets unacknowledged grants"] = new(() => new ForgetsUnacknowledged(), Profile.Lossy, "P1"),
        ["books a report of a lower epoch"] = new(() => new BooksLowerEpoch(), Profile.SplitBrain, "P1", SplitAndLate),
        ["books an overtaken report"] = new(() => new BooksOvertakenReports(), Profile.Lossy, "P1"),
        ["carries permits past an expired lease"] = new(() => new CarriesPermitsPastLease(), Profile.Partitioned, "P1"),
        ["takes back without confirming its epoch"] = new(() => new TakesBackUnconfirmed(), Profile.SplitBrain, "P1"),
        ["goes on without authority"] = new(() => new GoesOnWithoutAuthority(), Profile.SplitBrain, "P1"),
        ["does not wait for the former authority"] = new(() => new IgnoresFormerAuthority(), Profile.SplitBrain, "P1"),
        ["counts its authority from the answer"] = new(() => new CountsAuthorityFromAnswer(), Profile.SplitBrain, "P1", OvertakenOften, From: 1_300),
        ["counts a renewal from its answer"] = new(() => new CountsRenewalFromAnswer(), Profile.SplitBrain, "Authority", Claiming),
        ["renews without comparing the epoch"] = new(() => new RenewsWithoutComparing(), Profile.SplitBrain, "Authority", Claiming),
        ["claims after writing its record"] = new(() => new ClaimsAfterWriting(), Profile.SplitBrain, "Authority", ClaimedLate),
        ["counts the former authority from reading the record"] = new(() => new CountsFormerAuthorityFromReading(), Profile.SplitBrain, "P1", ClaimedSlowly, From: 2_000),
        ["claims what it has read"] = new(() => new ClaimsWhatItHasRead(), Profile.SplitBrain, "Epoch", Claiming),
        ["claims without the record"] = new(() => new ClaimsWithoutTheRecord(), Profile.Crashy, "Epoch", Claiming),
        ["goes on without authority, renewed by its silo"] = new(() => new GoesOnWithoutAuthority(), Profile.SplitBrain, "P1", Claiming),
        ["does not wait for the former authority, renewed by its silo"] = new(() => new IgnoresFormerAuthority(), Profile.SplitBrain, "P1", Claiming),
        ["takes back without confirming its epoch, renewed by its silo"] = new(() => new TakesBackUnconfirmed(), Profile.SplitBrain, "P1", Claiming),
        ["takes a later life for the earlier one"] = new(() => new TakesLaterLifeForEarlier(), Profile.Crashy, "P1"),
        ["restarts with everything free"] = new(() => new RestartsWithEverythingFree(), Profile.Crashy, "P1"),
        ["restarts without the quarantine"] = new(() => new RestartsWithoutQuarantine(), Profile.Partitioned, "P1", LostWhileWorking),
        ["counts the lease from receipt"] = new(() => new CountsLeaseFromReceipt(), Profile.Partitioned, "P1"),
        ["frees a lost holder's permits while its work goes on"] = new(() => new FreesWhileWorkGoesOn(), Profile.Crashy, "P1"),
        ["ignores a lowered limit"] = new(() => new IgnoresLoweredLimit(), Profile.Calm, "P1"),
        ["finds a limit beyond the bound"] = new(() => new FindsBeyondTheBound(), Profile.Calm, "P1", Finding),
        ["applies a grant again"] = new(() => new AppliesGrantsAgain(), Profile.Calm, "P1"),
        ["never takes back what a lost holder had"] = new(() => new NeverTakesBack(), Profile.Crashy, "P2"),
        ["keeps a saturation notice"] = new(() => new KeepsSaturationNotice(), Profile.Calm, "P3"),
        ["drops withdrawals"] = new(() => new DropsWithdrawals(), Profile.Calm, "P3"),
        ["reuses a permit while others wait"] = new(() => new ReusesWhileOthersWait(), Profile.Calm, "P4"),
        ["never pushes"] = new(() => new NeverPushes(), Profile.Calm, "P5"),
        ["ignores priorities"] = new(() => new IgnoresPriorities(), Profile.Calm, "P4", Sharing),
        ["lets light tickets pass a heavy one"] = new(() => new LetsLightTicketsPass(), Profile.Calm, "P4", Sharing),
        ["guarantees nothing to lower priorities"] = new(() => new IgnoresShares(), Profile.Calm, "Share", Sharing),
        ["takes all tenants for one"] = new(() => new TakesTenantsForOne(), Profile.Calm, "Tenant", Sharing),
        ["ignores the weights of tenants"] = new(() => new IgnoresTenantWeights(), Profile.Calm, "Tenant", Sharing),
        ["gives credit to tenants without a bound"] = new(() => new GivesCreditWithoutBound(), Profile.Calm, "Tenant", Sharing),
        ["takes the last priority for the first"] = new(() => new TurnsPrioritiesRound(), Profile.Calm, "Place", Sharing),
        ["refuses everybody with a saturation notice"] = new(() => new TakesNoticesForAll(), Profile.Calm, "P3", Sharing),
        ["ignores the caps of tenants"] = new(() => new IgnoresCaps(), Profile.Crashy, "Cap", Capping),
        ["forgets what tenants with a cap use"] = new(() => new ForgetsTenantsInUse(), Profile.Crashy, "Cap", Capping),
        ["takes who was answered for one that left"] = new(() => new TakesAnsweredForLeft(), Profile.Calm, "P3", Patient),
        ["takes a tenant's answered clients for ones that left"] = new(() => new TakesTenantsAnsweredForLeft(), Profile.Calm, "P3", PatientTenants),
        ["keeps a notice that arrivals are too late"] = new(() => new KeepsLateNotice(), Profile.Calm, "P3", Impatient),
        ["takes a notice of too late arrivals for everybody"] = new(() => new TakesLateNoticesForAll(), Profile.Calm, "P3", Impatient),
        ["ignores that a destination is withheld"] = new(() => new IgnoresWithheld(), Profile.Calm, "Trial", Failing),
        ["forgets a trial under way"] = new(() => new ForgetsTrials(), Profile.Calm, "Trial", Failing),
        ["ejects on one holder's word"] = new(() => new HearsNoVouchers(), Profile.Calm, "Withheld", Failing),
        ["brings a destination back at once"] = new(() => new ComesBackAtOnce(), Profile.Calm, "SlowStart", Failing),
        ["never tries a destination again"] = new(() => new NeverTriesAgain(), Profile.Calm, "P2", Failing),
        ["never withholds a destination"] = new(() => new NeverWithholds(), Profile.Calm, "Withheld", Failing),
        ["keeps no record of who is displaced"] = new(() => new ForgetsWhoIsDisplaced(), Profile.Calm, "Explain", Sharing),
        ["loses what pools decide"] = new(() => new LosesWhatPoolsDecide(), Profile.Calm, "Explain", Sharing),
        ["records what pools decide twice"] = new(() => new RecordsTwice(), Profile.Calm, "Explain", Sharing),
        ["tells everybody that nobody is before it"] = new(() => new TellsEverybodyFirst(), Profile.Calm, "Explain", Sharing),
        ["says that who has left waits"] = new(() => new SaysThatWhoHasLeftWaits(), Profile.Calm, "Explain", Impatient),
        ["takes the time that is left for a quarter of it"] = new(() => new TakesTimeLeftForLess(), Profile.Calm, "Late", Impatient),
        ["takes all tenants for one when it refuses"] = new(() => new TakesTenantsForOne(), Profile.Calm, "Part", Sharing),
        ["ignores the weights of tenants when it refuses"] = new(() => new IgnoresTenantWeights(), Profile.Calm, "Part", Sharing),
        ["cuts the queue before its interval is over"] = new(() => new CutsTooEarly(), Profile.Calm, "Delay", Slow),
        ["takes every ticket for a late one"] = new(() => new TakesAllForLate(), Profile.Calm, "Delay", Slow),
        ["tells a lease before it is stored"] = new(() => new TellsLeasesUnstored(), Profile.Crashy, "LeaseLost", Leasing, From: 38, Leases: 0.5),
        ["books nothing for a lease"] = new(() => new BooksNoLeases(), Profile.Calm, "P1", Leasing, Leases: 0.5),
        ["counts a lease from the former ledger"] = new(() => new CountsLeasesFromTheFormerLedger(), Profile.Crashy, "P1", Leasing, From: 60, Leases: 0.5),
        ["drops the leases of the record"] = new(() => new DropsLeases(), Profile.Crashy, "P1", Leasing, Leases: 0.5),
        ["gives fencing numbers again"] = new(() => new RepeatsFencingNumbers(), Profile.Crashy, "Fencing", Leasing, Leases: 0.5),
        ["counts a lease from the answer"] = new(() => new CountsLeasesFromAnswers(), Profile.Crashy, "P1", Leasing, Leases: 0.5),
        ["says that it has renewed"] = new(() => new RenewsNothing(), Profile.Calm, "P1", Leasing, Leases: 0.5),
        ["promises more than a successor waits"] = new(() => new PromisesMoreThanIsLeft(), Profile.Crashy, "P1", Leasing, Leases: 0.9),
        ["takes a lease back without confirming its epoch"] = new(() => new TakesBackUnconfirmed(), Profile.SplitBrain, "P1", Leasing, Leases: 0.9),
        ["renews a lease without authority"] = new(() => new GoesOnWithoutAuthority(), Profile.SplitBrain, "P1", Leasing, From: 130, Leases: 0.9),
        ["queues beyond its capacity"] = new(() => new QueuesBeyondCapacity(), Profile.Calm, "P6"),
    };

    public static TheoryData<string> Names => [.. Mutants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_caught(string mutant)
    {
        var (create, profile, promise, _, from, _) = Mutants[mutant];
        var sharpen = Mutants[mutant].Scenario;
        var watch = Stopwatch.StartNew();
        var seeds = SurveySeeds > 0 ? SurveySeeds : 2_000;
        var found = new Dictionary<string, int>();
        ulong caughtBy = 0;
        var run = 0;
        var first = SurveySeeds > 0 ? 1UL : from;
        for (var seed = first; seed < first + (ulong)seeds; seed++)
        {
            var result = SimulationRun.Run(seed, Steps, profile, create(), sharpen);
            run++;
            if (result.Promise is not { } broken)
            {
                continue;
            }

            found[broken] = found.GetValueOrDefault(broken) + 1;
            if (broken == promise && caughtBy == 0)
            {
                caughtBy = seed;
                if (SurveySeeds == 0)
                {
                    break;
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mutant}: seed {caughtBy} ({profile}) after {run} seeds, {watch.Elapsed.TotalSeconds:F1} s; {string.Join(", ", found.Select(pair => $"{pair.Key} in {pair.Value}"))}"));
        caughtBy.ShouldBeGreaterThan(0UL, $"none of {seeds} seeds broke {promise}");
        var unbroken = SimulationRun.Run(caughtBy, Steps, profile, null, sharpen);
        Assert.True(unbroken.Report is null, unbroken.Report);
    }

    /// <summary>ADMISSION_SIM_SURVEY: run each mutant over so many seeds and count, instead of stopping at the first.</summary>
    private static int SurveySeeds => Environment.GetEnvironmentVariable("ADMISSION_SIM_SURVEY") is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : 0;

    /// <summary>The old ledger lives on with its authority, and answers are late.</summary>
    private static Scenario SplitAndLate(Scenario drawn) => Busy(drawn) with
    {
        AuthorityTtl = TimeSpan.FromSeconds(4),
        Loss = 0.05,
        Late = 0.5,
        LateDelay = Timeline.Second,
        StoreLoss = 0,
        Faults = new FaultRates { SecondActivation = 2 * Timeline.Second },
    };

    /// <summary>Holders are cut off with work that outlasts their lease, and the ledger crashes when they count as lost.</summary>
    private static Scenario LostWhileWorking(Scenario drawn) => Busy(drawn) with
    {
        MeanService = Timeline.Second,
        Policy = Busy(drawn).Policy with { RunTimeout = TimeSpan.FromSeconds(1.5), Quarantine = null, OnLeaseLost = OnLeaseLost.Continue },
        Faults = new FaultRates { HolderCut = Timeline.Second, LedgerCrash = 5 * Timeline.Second },
    };

    /// <summary>Activations stand still while their epoch is written, and are overtaken.</summary>
    private static Scenario OvertakenOften(Scenario drawn) => Busy(drawn) with
    {
        AuthorityTtl = TimeSpan.FromSeconds(1),
        Faults = new FaultRates { SecondActivation = 2 * Timeline.Second },
    };

    /// <summary>A long queue of three priorities and three tenants, in which clients leave or have deadlines.</summary>
    private static Scenario Impatient(Scenario drawn) => Sharing(drawn) with
    {
        HeaviestRequest = 1,
        Impatience = 0.5,
        Policy = Sharing(drawn).Policy with { QueueCapacity = 60, IgnoresPatience = false, Discipline = QueueDiscipline.Fifo },
    };

    /// <summary>Nobody leaves, and a queue has room for the three tenants that ask for twice as much as there is.</summary>
    private static Scenario PatientTenants(Scenario drawn) => Impatient(drawn) with { Impatience = 0 };

    /// <summary>Nobody leaves, and a queue has room.</summary>
    private static Scenario Patient(Scenario drawn) => drawn with
    {
        Impatience = 0,
        Policy = drawn.Policy with { Overflow = Overflow.Wait, QueueCapacity = 60, IgnoresPatience = false },
    };

    /// <summary>The limit finds itself, for requests without a destination.</summary>
    private static Scenario Finding(Scenario drawn) => Busy(drawn) with { Policy = Busy(drawn).Policy with { Destinations = [], Limit = 4, Adaptive = new AdaptiveLimit() } };

    /// <summary>Three destinations that fail often; the policy stays as it is.</summary>
    private static Scenario Failing(Scenario drawn) => drawn with
    {
        Holders = 3,
        HeaviestRequest = 1,
        PolicyChanges = false,
        StartsWithoutPolicy = false,
        ArrivalGap = 10 * Timeline.Millisecond,
        MeanService = 20 * Timeline.Millisecond,
        DestinationFails = Timeline.Second,
        Policy = drawn.Policy with
        {
            Limit = null,
            Destinations = [new("d1", 8), new("d2", 8), new("d3", 8)],
            LeaseTtl = TimeSpan.FromSeconds(1.5),
            RunTimeout = TimeSpan.FromMilliseconds(500),
            Ejection = new EjectionPolicy { ShortestPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromMilliseconds(800) },
            SlowStart = TimeSpan.FromMilliseconds(600),
        },
    };

    /// <summary>A cluster with a database.</summary>
    private static Scenario Claiming(Scenario drawn) => drawn with { Renewal = drawn.AuthorityTtl / 4 };

    /// <summary>Activations stand still between reading the record and claiming, and those before them go on.</summary>
    private static Scenario ClaimedSlowly(Scenario drawn) => Busy(drawn) with
    {
        AuthorityTtl = TimeSpan.FromSeconds(2.5),
        Renewal = TimeSpan.FromMilliseconds(100),
        StallsRenewals = false,
        SplitCuts = 0.1,
        Faults = new FaultRates { SecondActivation = 6 * Timeline.Second },
    };

    /// <summary>Claims arrive late or only with the second try.</summary>
    private static Scenario ClaimedLate(Scenario drawn) => Claiming(drawn) with { StoreLoss = 0.2 };

    /// <summary>Three priorities with shares and three tenants with weights want twice as much as there is, some of them several permits at once.</summary>
    private static Scenario Sharing(Scenario drawn) => Busy(drawn) with
    {
        HeaviestRequest = 2,
        PriorityCount = 3,
        TenantCount = 3,
        ArrivalGap = 20 * Timeline.Millisecond,
        Policy = Busy(drawn).Policy with
        {
            QueueCapacity = 12,
            MaxWait = TimeSpan.FromSeconds(3),
            Order = new QueueOrder
            {
                TenantBurst = 0,
                Levels = [new QueueLevel("high", 0, 0), new QueueLevel("normal", 5, 20), new QueueLevel("low", 10, 10)],
                Tenants = [new TenantRule("t1", 3, null)],
            },
        },
    };

    /// <summary>A queue with room that is cut when it stays slow, and whose clients do not leave.</summary>
    private static Scenario Slow(Scenario drawn) => Busy(drawn) with
    {
        Impatience = 0,
        Policy = Busy(drawn).Policy with
        {
            QueueCapacity = 60,
            MaxWait = TimeSpan.FromSeconds(3),
            IgnoresPatience = true,
            Discipline = QueueDiscipline.CoDel,
            DelayTarget = TimeSpan.FromMilliseconds(100),
            DelayInterval = TimeSpan.FromMilliseconds(200),
        },
    };

    /// <summary>Tenants that may have one permit, or two.</summary>
    private static Scenario Capping(Scenario drawn) => Sharing(drawn) with
    {
        HeaviestRequest = 1,
        Policy = Sharing(drawn).Policy with { Order = new QueueOrder { TenantCap = 1, Tenants = [new TenantRule("t1", 1, 2)] } },
    };

    /// <summary>Programs take leases, and hold them for seconds.</summary>
    private static Scenario Leasing(Scenario drawn) => Busy(drawn) with { LongestLeaseTtl = TimeSpan.FromSeconds(2), DestinationFails = 0, Policy = Busy(drawn).Policy with { Order = null } };

    /// <summary>Few permits that four holders want, which soon ask again when they hear nothing.</summary>
    private static Scenario Busy(Scenario drawn) => drawn with
    {
        Holders = 4,
        HeaviestRequest = 1,
        PolicyChanges = false,
        StartsWithoutPolicy = false,
        ArrivalGap = 30 * Timeline.Millisecond,
        MeanService = 100 * Timeline.Millisecond,
        ExchangeTimeout = 100 * Timeline.Millisecond,
        Policy = drawn.Policy with
        {
            Limit = 3,
            Destinations = [],
            Overflow = Overflow.Wait,
            LeaseTtl = TimeSpan.FromSeconds(1.2),
            RunTimeout = TimeSpan.FromMilliseconds(300),
            Quarantine = null,
        },
    };

    /// <summary>A rare mutant gets scenarios that are drawn as all are, and then sharpened to what it takes.</summary>
    /// <param name="Leases">How many of the requests are for leases.</param>
    /// <param name="From">The first seed that is tried: not long before one that a survey has found to catch it, where the hundreds before that take minutes.</param>
    private sealed record Expectation(Func<Tamper> Create, Profile Profile, string Promise, Func<Scenario, Scenario>? Sharpen = null, ulong From = 1, double Leases = 0)
    {
        /// <summary>Who is to be caught by a promise is not caught by the rules that it rests on, which would come first.</summary>
        public Scenario Scenario(Scenario drawn) => (Sharpen?.Invoke(drawn) ?? drawn) with
        {
            ChecksEpochs = Promise == "Epoch",
            ChecksAuthority = Promise == "Authority",
            ChecksExplanations = Promise == "Explain",
            ChecksLate = Promise == "Late",
            ChecksParts = Promise == "Part",
            ChecksDelays = Promise == "Delay",
            Leases = Leases,
        };
    }
}
