using Moq;
using Orleans;
using Orleans.Runtime;
using Orleans.TestKit;

namespace Admission.Engine.Tests;

public interface IClerkGrain : IGrainWithStringKey
{
    Task<int> Count(int number);

    Task<string> AskColleague();

    Task GoHome();
}

public sealed class ClerkGrain(
    [PersistentState("ledger", "files")] IPersistentState<CounterState> ledger, Signals signals, TimeProvider time) : Grain, IClerkGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        signals.Note($"activated at {time.GetUtcNow().Year}");
        _ = this.RegisterGrainTimer(
            _ =>
            {
                signals.Note("tick");
                return Task.CompletedTask;
            },
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(1));
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Note($"{reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task<int> Count(int number)
    {
        ledger.State.Value += number;
        await ledger.WriteStateAsync();
        return ledger.State.Value;
    }

    public Task<string> AskColleague() => GrainFactory.GetGrain<IEchoGrain>("colleague").Echo(this.GetPrimaryKeyString());

    public Task GoHome()
    {
        DeactivateOnIdle();
        DelayDeactivation(TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }
}

/// <summary>The part of OrleansTestKit that the tests of the grains use.</summary>
public sealed class TestKitTests : TestKitBase
{
    private readonly Signals _signals = new();

    private Task<ClerkGrain> CreateAsync()
    {
        _ = Silo.AddService(_signals);
        _ = Silo.AddService(TimeProvider.System);
        return Silo.CreateGrainAsync<ClerkGrain>("clerk");
    }

    [Fact]
    public async Task A_grain_is_created_with_its_services_and_activated()
    {
        var time = Silo.AddServiceProbe<TimeProvider>();
        _ = time.Setup(t => t.GetUtcNow()).Returns(new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _ = Silo.AddService(_signals);
        var grain = await Silo.CreateGrainAsync<ClerkGrain>("clerk");
        _signals.Log.ShouldBe(["activated at 1999"]);
        grain.GetPrimaryKeyString().ShouldBe("clerk");
    }

    [Fact]
    public async Task Its_state_can_be_given_and_looked_at()
    {
        var state = Silo.AddPersistentState("ledger", "files", new CounterState { Value = 40 });
        var grain = await CreateAsync();
        (await grain.Count(2)).ShouldBe(42);
        state.State.Value.ShouldBe(42);
        state.RecordExists.ShouldBeTrue();
        Silo.StorageManager.GetStorageStats("ledger")!.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task Its_timers_tick_when_the_test_says_so()
    {
        _ = await CreateAsync();
        await Silo.FireAllTimersAsync();
        await Silo.FireTimerAsync(0);
        _signals.Log.Count(line => line == "tick").ShouldBe(2);
        Silo.TimerRegistry.NumberOfActiveTimers.ShouldBe(1);
    }

    [Fact]
    public async Task Other_grains_are_probes()
    {
        var colleague = Silo.AddProbe<IEchoGrain>("colleague");
        _ = colleague.Setup(grain => grain.Echo("clerk")).ReturnsAsync("I know you");
        var clerk = await CreateAsync();
        (await clerk.AskColleague()).ShouldBe("I know you");
    }

    [Fact]
    public async Task What_it_asks_of_the_runtime_can_be_verified()
    {
        var grain = await CreateAsync();
        await grain.GoHome();
        Silo.GrainRuntime.Mock.Verify(runtime => runtime.DeactivateOnIdle(It.IsAny<IGrainContext>()), Times.Once);
        Silo.GrainRuntime.Mock.Verify(runtime => runtime.DelayDeactivation(It.IsAny<IGrainContext>(), TimeSpan.FromMinutes(1)), Times.Once);
    }

    [Fact]
    public async Task It_is_deactivated_when_the_test_says_so()
    {
        var grain = await CreateAsync();
        await Silo.DeactivateAsync(grain);
        _signals.Log[^1].ShouldBe("ShuttingDown");
    }
}
