using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Admission.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Admission.Engine.Tests;

/// <summary>A client in front of a silo: what works within a process works over a connection.</summary>
public sealed class NetworkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Messages_arrive_with_every_member()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IPostGrain>("g");
        var sent = new Letter { From = "me", Lines = [new("a", 1)], Weight = Weight.Heavy, Numbers = [3, 4], Age = TimeSpan.FromSeconds(5), Fixed = [new("f", 9)] };
        sent.Enclosed["x"] = new Letter { From = "them" };
        sent.Hide(42);
        await grain.Keep(sent);
        var letter = await grain.Give();
        letter.From.ShouldBe("me");
        letter.Lines.ShouldBe([new("a", 1)]);
        letter.Enclosed["x"].From.ShouldBe("them");
        letter.Weight.ShouldBe(Weight.Heavy);
        letter.Numbers.ShouldBe([3, 4]);
        letter.Age.ShouldBe(TimeSpan.FromSeconds(5));
        letter.Fixed.ShouldBe([new("f", 9)]);
        letter.Hidden().ShouldBe(42);
        (await grain.Swap(new Card("hi", [1, 2]))).Text.ShouldBe("hi!");
        (await grain.Tuple(new List<string> { "a", "b" }, Guid.Empty)).ShouldBe((2, Guid.Empty.ToString("N")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_reaches_the_caller_with_its_type_and_message(bool atOnce)
    {
        await using var network = await NetworkHost.StartAsync();
        var thrown = await Should.ThrowAsync<InvalidOperationException>(() => network.Client.GetGrain<IFailureGrain>("g").Throw(atOnce));
        thrown.Message.ShouldBe("as intended");
    }

    [Fact]
    public async Task A_caller_stops_waiting_after_the_time_of_the_method()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IFailureGrain>("g");
        _ = await Should.ThrowAsync<TimeoutException>(() => grain.WaitBriefly("gate").WaitAsync(Patience));
        network.Signals.Open("gate");
    }

    [Fact]
    public async Task Cancelling_a_call_cancels_the_token_of_the_method()
    {
        await using var network = await NetworkHost.StartAsync();
        using var source = new CancellationTokenSource();
        var call = network.Client.GetGrain<IFailureGrain>("g").Wait("never", source.Token);
        await network.Signals.NotedAsync("begins");
        await source.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(() => call);
        await network.Signals.NotedAsync("cancelled");
    }

    [Fact]
    public async Task A_one_way_call_arrives_and_its_failure_is_nobodys()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IFailureGrain>("g");
        await grain.TellAndThrow("first");
        await grain.Tell("second");
        await network.Signals.NotedAsync("second");
        network.Signals.Log.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task Grains_notify_and_ask_observers_of_the_client()
    {
        await using var network = await NetworkHost.StartAsync();
        var reader = new Reader();
        var grain = network.Client.GetGrain<INewsGrain>("g");
        var reference = network.Client.CreateObjectReference<INewsObserver>(reader);
        await grain.Subscribe(reference);
        foreach (var news in new[] { "1", "2", "3" })
        {
            await grain.Publish(news);
        }

        await reader.Signals.NotedAsync("3");
        reader.Signals.Log.ShouldBe(["1", "2", "3"]);
        (await grain.Ask("how long?")).ShouldBe(9);
        network.Client.DeleteObjectReference<INewsObserver>(reference);
        _ = await Should.ThrowAsync<TimeoutException>(() => grain.Ask("anybody?").WaitAsync(Patience));
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task Many_calls_at_once_each_get_their_own_answer()
    {
        await using var network = await NetworkHost.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 2000).Select(number =>
            network.Client.GetGrain<IPostGrain>($"g{number % 7}").Swap(new Card($"{number}", [number])))).WaitAsync(Patience);
        answers.Select(card => card.Text).ShouldBe(Enumerable.Range(0, 2000).Select(number => $"{number}!"));
    }

    [Fact]
    public async Task A_large_message_goes_and_comes()
    {
        await using var network = await NetworkHost.StartAsync();
        var text = new string('x', 5_000_000);
        (await network.Client.GetGrain<IPostGrain>("g").Swap(new Card(text, [])).WaitAsync(Patience)).Text.Length.ShouldBe(text.Length + 1);
    }

    [Fact]
    public async Task A_message_that_is_too_large_fails_its_call_and_no_other()
    {
        await using var network = await NetworkHost.StartAsync(
            silo => silo.Configure<SiloMessagingOptions>(options => options.MaxMessageBodySize = 200_000),
            client => client.Configure<ClientMessagingOptions>(options => options.MaxMessageBodySize = 100_000));
        var grain = network.Client.GetGrain<IPostGrain>("g");
        var thrown = await Should.ThrowAsync<Exception>(() => grain.Swap(new Card(new string('x', 100_000), [])).WaitAsync(Patience));
        thrown.Message.ShouldContain("size", Case.Insensitive);
        (await grain.Swap(new Card("small", []))).Text.ShouldBe("small!");
    }

    [Fact]
    public async Task A_result_that_is_too_large_fails_its_call_and_no_other()
    {
        await using var network = await NetworkHost.StartAsync(silo => silo.Configure<SiloMessagingOptions>(options => options.MaxMessageBodySize = 50_000));
        var grain = network.Client.GetGrain<IPostGrain>("g");
        await grain.Keep(new Letter { Lines = [.. Enumerable.Range(0, 1000).Select(number => new Line("text", number))] });
        for (var i = 0; i < 3; i++)
        {
            // Each letter in the letter is small enough; together they are not.
            await grain.Wrap();
        }

        var thrown = await Should.ThrowAsync<Exception>(() => grain.Give().WaitAsync(Patience));
        thrown.Message.ShouldContain("size", Case.Insensitive);
        (await grain.Swap(new Card("small", []))).Text.ShouldBe("small!");
    }

    [Fact]
    public async Task A_client_without_a_silo_does_not_start()
    {
        await using var network = NetworkHost.Create();
        using var client = network.BuildClient();
        _ = await Should.ThrowAsync<SiloUnavailableException>(() => client.StartAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_client_waits_for_a_silo_as_long_as_its_filter_says()
    {
        await using var network = NetworkHost.Create();
        var attempts = 0;
        await network.StartClientAsync(client => client.UseConnectionRetryFilter(async (exception, cancellation) =>
        {
            exception.ShouldBeOfType<SiloUnavailableException>();
            if (++attempts == 2)
            {
                await network.StartSiloAsync();
            }

            return attempts < 20;
        }));
        attempts.ShouldBeGreaterThanOrEqualTo(2);
        (await network.Client.GetGrain<IPostGrain>("g").Swap(new Card("hi", []))).Text.ShouldBe("hi!");
    }

    [Fact]
    public async Task Calls_fail_fast_while_the_silo_is_away_and_work_when_it_is_back()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IPostGrain>("g");
        _ = await grain.Swap(new Card("hi", []));
        await network.StopSiloAsync();
        var start = TimeProvider.System.GetTimestamp();
        _ = await Should.ThrowAsync<Exception>(() => grain.Swap(new Card("hi", [])));
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await network.StartSiloAsync();
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    return (await grain.Swap(new Card("hi", []))).Text == "hi!";
                }
                catch (OrleansException)
                {
                    return false;
                }
            },
            Patience,
            () => "no call works after the silo is back");
    }

    [Fact]
    public async Task A_silo_that_stops_answers_what_is_under_way()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IFailureGrain>("g");
        var call = grain.Wait("gate", CancellationToken.None);
        await network.Signals.NotedAsync("begins");
        var stop = network.StopSiloAsync();
        network.Signals.Open("gate");
        await call.WaitAsync(Patience);
        await stop;
    }

    [Fact]
    public async Task A_client_of_another_cluster_is_refused()
    {
        await using var network = await NetworkHost.StartAsync();
        using var stranger = network.BuildClient(client => client.Configure<ClusterOptions>(options => options.ClusterId = "another"));
        _ = await Should.ThrowAsync<SiloUnavailableException>(() => stranger.StartAsync().WaitAsync(Patience));
        (await network.Client.GetGrain<IPostGrain>("g").Swap(new Card("hi", []))).Text.ShouldBe("hi!");
    }

    [Fact]
    public async Task What_a_stranger_sends_does_not_disturb_the_silo()
    {
        await using var network = await NetworkHost.StartAsync();
        var random = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, network.GatewayPort);
            var bytes = new byte[random.Next(1, 500)];
            random.NextBytes(bytes);
            await socket.GetStream().WriteAsync(bytes);
        }

        (await network.Client.GetGrain<IPostGrain>("g").Swap(new Card("hi", []))).Text.ShouldBe("hi!");
    }

    [Fact]
    public async Task Middleware_talks_first_on_both_sides_and_lets_only_those_in_that_it_knows()
    {
        await using var network = await NetworkHost.StartAsync(
            silo => silo.Configure<SiloConnectionOptions>(options => options.ConfigureGatewayInboundConnection(Password.Ask)),
            client => client.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(builder => Password.Tell(builder, "open"))));
        (await network.Client.GetGrain<IPostGrain>("g").Swap(new Card("hi", []))).Text.ShouldBe("hi!");
        foreach (var configure in new Action<IConnectionBuilder>[] { _ => { }, builder => Password.Tell(builder, "shut") })
        {
            using var stranger = network.BuildClient(client =>
                client.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(configure)));
            var refused = await Should.ThrowAsync<SiloUnavailableException>(() => stranger.StartAsync().WaitAsync(Patience));
            refused.Message.ShouldContain(refused.InnerException.ShouldNotBeNull().Message);
        }
    }

    [Fact]
    public async Task A_silo_can_listen_elsewhere_than_it_says()
    {
        var port = EngineHost.NextPort();
        await using var network = NetworkHost.Create(
            silo => silo.Configure<EndpointOptions>(options => options.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Loopback, port)));
        await network.StartSiloAsync();
        network.Forward(network.GatewayPort, port);
        await network.StartClientAsync();
        (await network.Client.GetGrain<IPostGrain>("g").Swap(new Card("hi", []))).Text.ShouldBe("hi!");
    }

    private static class Password
    {
        public static void Ask(IConnectionBuilder builder) => builder.Use(next => async connection =>
        {
            await connection.Transport.Output.WriteAsync("who?"u8.ToArray());
            var read = await connection.Transport.Input.ReadAtLeastAsync(4);
            var known = Encoding.ASCII.GetString(read.Buffer.Slice(0, 4)) == "open";
            connection.Transport.Input.AdvanceTo(read.Buffer.GetPosition(4));
            if (known)
            {
                await next(connection);
            }
        });

        public static void Tell(IConnectionBuilder builder, string password) => builder.Use(next => async connection =>
        {
            var read = await connection.Transport.Input.ReadAtLeastAsync(4);
            connection.Transport.Input.AdvanceTo(read.Buffer.GetPosition(4));
            await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(password));
            await next(connection);
        });
    }

    private sealed class Reader : INewsObserver
    {
        public Signals Signals { get; } = new();

        public void Tell(string news) => Signals.Note(news);

        public Task<int> Ask(string question) => Task.FromResult(question.Length);
    }
}
