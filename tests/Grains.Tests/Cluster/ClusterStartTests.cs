using Admission.Grains.Cluster;
using Admission.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Admission.Grains.Tests.Cluster;

public class ClusterStartTests
{
    private readonly List<string> _steps = [];
    private readonly Queue<Exception> _obstacles = new();

    [Fact]
    public async Task The_host_is_up_while_it_waits_and_the_rest_follows_in_its_order()
    {
        var go = new TaskCompletionSource();
        using var host = Build(services => services.AddSingleton<IClusterPreparation>(new Preparation(() => go.Task)));
        await host.StartAsync();
        var start = host.Services.GetRequiredService<ClusterStart>();
        Steps().ShouldBe(["start outside"]);
        start.Missing.ShouldNotBeNull();
        start.Running.IsCompleted.ShouldBeFalse();

        go.SetResult();
        await start.Running.WaitAsync(TimeSpan.FromSeconds(10));
        start.Missing.ShouldBeNull();
        Steps().ShouldBe(["start outside", "start first", "start second"]);

        await host.StopAsync();
        Steps()[3..].ShouldBe(["stop outside", "stop second", "stop first"]);
        start.Missing.ShouldBe("it is shutting down");
    }

    [Fact]
    public async Task What_is_not_there_yet_is_tried_again_and_named()
    {
        _obstacles.Enqueue(new NpgsqlException("outer", new IOException("connection refused")));
        _obstacles.Enqueue(new ClusterNotReadyException("no silo has set the database up yet"));
        var named = new List<string?>();
        using var host = Build(services => services.AddSingleton<IClusterPreparation>(services => new Preparation(() =>
        {
            named.Add(services.GetRequiredService<ClusterWaiting>().Reason);
            return _obstacles.TryDequeue(out var obstacle) ? Task.FromException(obstacle) : Task.CompletedTask;
        })));
        await host.StartAsync();
        await host.Services.GetRequiredService<ClusterStart>().Running.WaitAsync(TimeSpan.FromSeconds(10));
        named.Count.ShouldBe(3);
        named[1]!.ShouldStartWith("PostgreSQL cannot be reached: connection refused (for ");
        named[2]!.ShouldStartWith("no silo has set the database up yet (for ");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_stop_ends_the_wait()
    {
        using var host = Build(services => services.AddSingleton<IClusterPreparation>(new Preparation(() => throw new ClusterNotReadyException("never"))));
        await host.StartAsync();
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));
        var start = host.Services.GetRequiredService<ClusterStart>();
        start.Running.IsCanceled.ShouldBeTrue();
        start.Failure.ShouldBeNull();
        Steps().ShouldBe(["start outside", "stop outside"]);
    }

    [Fact]
    public async Task What_no_wait_can_cure_stops_the_process()
    {
        using var host = Build(services => services.AddSingleton<IClusterPreparation>(new Preparation(() => throw new ClusterStartException("No right."))));
        await host.StartAsync();
        await host.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(10));
        host.Services.GetRequiredService<ClusterStart>().Failure!.Message.ShouldBe("No right.");
    }

    [Fact]
    public async Task An_engine_that_fails_stops_the_process_and_what_was_started()
    {
        using var host = Build(_ => { }, services => services.AddSingleton<IHostedService>(new Step(_steps, "broken", fails: true)));
        await host.StartAsync();
        await host.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(10));
        host.Services.GetRequiredService<ClusterStart>().Failure!.Message.ShouldBe("broken");
        Steps().ShouldBe(["start outside", "start first", "start second", "start broken", "stop outside", "stop broken", "stop second", "stop first"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task A_process_that_gives_up_has_an_exit_code_of_its_own(bool useless, int expected)
    {
        Exception failure = useless ? new ClusterStartException("No right.") : new InvalidOperationException("Broken.");
        using var host = Build(services => services.AddSingleton<IClusterPreparation>(new Preparation(() => throw failure)));
        using StringWriter output = new(), errors = new();
        (await HostRun.ToEndAsync(host, () => "It is up.", output, errors, default).WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe(expected);
        errors.ToString().Contains("No right.", StringComparison.Ordinal).ShouldBe(useless);
    }

    [Fact]
    public async Task To_be_told_to_stop_while_it_starts_is_no_failure()
    {
        using var host = Build(_ => { }, outside: services => services.AddHostedService<StoppedWhileStarting>());
        using StringWriter output = new(), errors = new();
        (await HostRun.ToEndAsync(host, () => "It is up.", output, errors, default).WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0);
        (output.ToString() + errors).ShouldBeEmpty();
        Steps().ShouldContain("stop outside");
    }

    private string[] Steps()
    {
        lock (_steps)
        {
            return [.. _steps];
        }
    }

    private IHost Build(Action<IServiceCollection> prepare, Action<IServiceCollection>? more = null, Action<IServiceCollection>? outside = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TimeProvider>(new FastTime());
        prepare(builder.Services);
        builder.Services.AddClusterStart(new ClusterSettings { ConnectionString = "Host=nowhere" }, () =>
        {
            builder.Services.AddHostedService(_ => new Step(_steps, "first")); // by a factory, by an instance, as engines do
            builder.Services.AddSingleton<IHostedService>(new Step(_steps, "second"));
            more?.Invoke(builder.Services);
        });
        builder.Services.AddSingleton<IHostedService>(new Step(_steps, "outside"));
        outside?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class Preparation(Func<Task> prepare) : IClusterPreparation
    {
        public Task PrepareAsync(CancellationToken cancellation) => prepare();
    }

    private sealed class StoppedWhileStarting(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Step(List<string> steps, string name, bool fails = false) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Note("start", fails);

        public Task StopAsync(CancellationToken cancellationToken) => Note("stop", fails: false);

        private Task Note(string what, bool fails)
        {
            lock (steps)
            {
                steps.Add($"{what} {name}");
            }

            return fails ? Task.FromException(new InvalidOperationException(name)) : Task.CompletedTask;
        }
    }
}
