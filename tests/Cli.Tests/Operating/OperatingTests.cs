using Admission.Cli.Completion;
using Admission.Cli.Tests.Support;

namespace Admission.Cli.Tests.Operating;

/// <summary>The commands that look at backends and change their policies, against a real gateway.</summary>
[Collection(GatewayCollection.Name)]
public sealed class OperatingTests(RunningGateway gateway) : IDisposable
{
    private readonly CommandLine _cli = new(gateway.Url);

    public void Dispose() => _cli.Done("reset", "sample", "--yes");

    [Fact]
    public void Tells_how_backends_stand()
    {
        var list = _cli.Done("backends");
        list.ShouldStartWith("BACKEND  STATE");
        list.ShouldContain("sample   ");
        _cli.Json("backends").GetProperty("backends")[0].GetProperty("id").GetString().ShouldBe("sample");

        var one = _cli.Done("backends", "sample");
        one.ShouldContain("limit    2");
        one.ShouldContain("DESTINATION  STATE");
        var json = _cli.Json("backends", "sample");
        json.GetProperty("limit").GetInt32().ShouldBe(2);
        json.GetProperty("queue").GetProperty("total").GetInt32().ShouldBe(0);
        json.GetProperty("overview").GetProperty("id").GetString().ShouldBe("sample");
    }

    [Fact]
    public void Changes_a_limit_once_it_is_confirmed_and_takes_it_back()
    {
        _cli.Input = new StringReader("y\n");
        var (code, output, errors) = _cli.Run("set", "limit", "sample", "1");
        code.ShouldBe(ExitCodes.Done);
        errors.ShouldBe("sample: limit 2 -> 1. Change it? [y/N] ");
        output.ShouldBe($"sample: limit 2 -> 1 (policy version {Version()}).{Environment.NewLine}");
        _cli.Json("backends", "sample").GetProperty("limit").GetInt32().ShouldBe(1);
        _cli.Done("history", "sample").ShouldContain("limit 2 -> 1");
        _cli.Done("audit", "--backend", "sample", "--limit", "1").ShouldContain("limit 2 -> 1");

        _cli.Done("set", "limit", "sample", "--reset", "--yes").ShouldContain("limit 1 -> 2");
        _cli.Json("set", "queue", "sample", "20", "-y").GetProperty("queueCapacity").GetInt32().ShouldBe(20);
        _cli.Done("set", "share", "sample", "background", "7", "-y").ShouldContain("priorities.background.share 5 -> 7");
        _cli.Done("reset", "sample", "--yes").ShouldContain("queueCapacity 20 -> 100");
        _cli.Done("reset", "sample", "--yes").ShouldContain("nothing is adjusted");
    }

    [Fact]
    public void Changes_nothing_where_nobody_confirms()
    {
        var before = Version();
        _cli.Input = new StringReader("n\n");
        var (code, output, errors) = _cli.Run("set", "limit", "sample", "1");
        code.ShouldBe(ExitCodes.Refused);
        output.ShouldBeEmpty();
        errors.ShouldBe($"sample: limit 2 -> 1. Change it? [y/N] Not confirmed. Nothing was changed.{Environment.NewLine}");

        _cli.Input = null;
        _cli.Fails(ExitCodes.Mistaken, "set", "limit", "sample", "1").ShouldContain("Give --yes");
        _cli.Fails(ExitCodes.Mistaken, "pause", "sample").ShouldContain("Give --yes");
        Version().ShouldBe(before);

        // With JSON for programs the question is no part of it.
        _cli.Input = new StringReader("yes\n");
        var (_, document, question) = _cli.Run("set", "limit", "sample", "1", "--json");
        question.ShouldBe("sample: limit 2 -> 1. Change it? [y/N] ");
        System.Text.Json.JsonDocument.Parse(document).RootElement.GetProperty("limit").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_question_can_be_left_unanswered()
    {
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        using var answered = new ManualResetEventSlim();
        _cli.Input = new Meanwhile(() =>
        {
            asked.SetResult();
            answered.Wait(TimeSpan.FromSeconds(30));
        });
        var run = Task.Run(() => _cli.Run(stop.Token, "set", "limit", "sample", "1"));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        (await run.WaitAsync(TimeSpan.FromSeconds(30))).Code.ShouldBe(ExitCodes.Interrupted);
        answered.Set();
        _cli.Json("backends", "sample").GetProperty("limit").GetInt32().ShouldBe(2);
    }

    [Fact]
    public void Changes_nothing_where_somebody_was_faster()
    {
        _cli.Input = new Meanwhile(() => new CommandLine(gateway.Url).Done("set", "queue", "sample", "30", "--yes"));
        var (code, _, errors) = _cli.Run("set", "limit", "sample", "1");
        code.ShouldBe(ExitCodes.Refused);
        errors.ShouldContain("has been changed meanwhile by somebody on this machine (queueCapacity 100 -> 30). Nothing was changed");
        _cli.Json("backends", "sample").GetProperty("limit").GetInt32().ShouldBe(2);
    }

    [Fact]
    public void Pauses_and_drains()
    {
        _cli.Done("pause", "sample", "--yes").ShouldContain("paused false -> true");
        _cli.Done("explain", "--backend", "sample").ShouldContain("sample: ");
        _cli.Done("resume", "sample").ShouldContain("paused true -> false");
        _cli.Done("drain", "sample", "a", "--yes").ShouldContain("destinations.a.drained false -> true");
        _cli.Done("backends", "sample").ShouldContain("drained");
        _cli.Done("undrain", "sample", "a").ShouldContain("destinations.a.drained true -> false");
        var refused = _cli.Fails(ExitCodes.Refused, "drain", "sample", "c", "--yes");
        refused.ShouldContain("Nothing was changed:");
        refused.ShouldContain("  destinations.c: the policy has no such destination. It has a, b.");
    }

    [Fact]
    public void Says_what_is_meant_where_there_is_no_such_thing()
    {
        _cli.Fails(ExitCodes.Refused, "backends", "sampel").ShouldStartWith("There is no backend 'sampel'. Did you mean 'sample'? There is only sample.");
        _cli.Fails(ExitCodes.Refused, "set", "limit", "smaple", "3", "-y").ShouldContain("Did you mean 'sample'?");
        _cli.Fails(ExitCodes.Refused, "set", "share", "sample", "backgroud", "3", "-y").ShouldContain("names no priority 'backgroud'. Did you mean 'background'?");
        _cli.Fails(ExitCodes.Refused, "set", "limit", "sample", "3", "--destination", "south", "-y").ShouldContain("It has a, b.");
        _cli.Fails(ExitCodes.Refused, "explain", "AQIAAAAAAAOpOFMY_O6LdQAQAAEAAAAC").ShouldContain("None of 1 backends knows the ticket");
        _cli.Fails(ExitCodes.Refused, "explain", "x").ShouldContain("That is no ticket");
        _cli.Fails(ExitCodes.Refused, "decisions", "sample", "--reason", "bad-mood").ShouldContain("queue-full");
        _cli.Fails(ExitCodes.Refused, "jobs", "show", "x").ShouldContain("The job is not known");
    }

    [Fact]
    public async Task Explains_a_refusal()
    {
        _cli.Done("set", "queue", "sample", "1", "--yes");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => gateway.Http.GetAsync($"{gateway.Url}/")));
        var ticket = answers.First(answer => answer.Headers.Contains("X-Admission-Ticket") && (int)answer.StatusCode == 503).Headers.GetValues("X-Admission-Ticket").Single();
        var told = _cli.Done("explain", ticket);
        told.ShouldStartWith("refused (queue-full) at sample");
        _cli.Json("explain", ticket, "--backend", "sample").GetProperty("reason").GetString().ShouldBe("queue-full");
        _cli.Done("decisions", "sample", "--outcome", "refused", "--limit", "500").ShouldContain("queue-full");
        _cli.Done("explain", "--backend", "sample").ShouldContain("queue-full");
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Follows_jobs()
    {
        var busy = Enumerable.Range(0, 4).Select(_ => gateway.Http.GetAsync($"{gateway.Url}/")).ToArray();
        string? job = null;
        for (var i = 0; i < 20 && job is null; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.Url}/work") { Content = new StringContent("x"), Headers = { { "Prefer", "respond-async" } } };
            using var answer = await gateway.Http.SendAsync(request);
            job = (int)answer.StatusCode == 202 ? answer.Headers.Location!.ToString().Split('/')[^1] : null;
        }

        job.ShouldNotBeNull();
        var (code, lines, errors) = _cli.Run("jobs", "watch", job, "--json");
        errors.ShouldBeEmpty();
        code.ShouldBe(ExitCodes.Done);
        lines.TrimEnd().Split('\n').Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("state").GetString()).Last().ShouldBe("done");
        _cli.Done("jobs", "result", job, "--wait", "5s").ShouldContain("Sample destination");
        _cli.Done("jobs", "result", job, "-i").ShouldStartWith("HTTP/1.1 200 OK\r\n");
        _cli.Json("jobs", "result", job).GetProperty("state").GetString().ShouldBe("done");
        _cli.Done("jobs", "--state", "done", "--backend", "sample").ShouldContain(job);
        _cli.Json("jobs", "--limit", "1").GetProperty("jobs")[0].GetProperty("id").GetString().ShouldBe(job);
        _cli.Done("jobs", "show", job).ShouldContain("ATTEMPT  STARTED");
        _cli.Done("jobs", "dead").ShouldStartWith("No such job.");
        _cli.Fails(ExitCodes.Refused, "jobs", "cancel", job).ShouldContain("is done already");
        _cli.Fails(ExitCodes.Refused, "jobs", "retry", job).ShouldContain("only a dead letter");
        foreach (var answer in await Task.WhenAll(busy))
        {
            answer.Dispose();
        }
    }

    [Fact]
    public void Tells_of_the_cluster_and_the_versions()
    {
        _cli.Done("cluster").ShouldContain("this process");
        _cli.Json("cluster").GetProperty("mode").GetString().ShouldBe("embedded");
        _cli.Done("version").ShouldContain($"admission {CliVersion.Current}");
        _cli.Json("version").GetProperty("gateway").GetProperty("version").GetString().ShouldBe(CliVersion.Current);
    }

    [Fact]
    public void Completes_commands_options_and_names()
    {
        var context = _cli.Context(TextWriter.Null, TextWriter.Null);
        SuggestCommand.Suggest(context, ["se"]).ShouldBe(["set"]);
        SuggestCommand.Suggest(context, ["set", ""]).ShouldBe(["adaptive-min", "limit", "queue", "share"]);
        SuggestCommand.Suggest(context, ["set", "limit", ""]).ShouldBe(["sample"]);
        SuggestCommand.Suggest(context, ["set", "limit", "sample", "--r"]).ShouldBe(["--reset"]);
        SuggestCommand.Suggest(context, ["drain", "sample", ""]).ShouldBe(["a", "b"]);
        SuggestCommand.Suggest(context, ["check-config", ""]).ShouldBeEmpty();
        SuggestCommand.Suggest(context, ["set", "share", "sample", "b"]).ShouldBe(["background"]);
        SuggestCommand.Suggest(context, ["jobs", "--state", "de"]).ShouldBe(["dead", "delayed"], ignoreOrder: true);
        SuggestCommand.Suggest(context, ["completion", ""]).ShouldContain("fish");
    }

    private long Version() => _cli.Json("history", "sample").GetProperty("changes")[0].GetProperty("version").GetInt64();

    /// <summary>Somebody who takes his time over a question.</summary>
    private sealed class Meanwhile(Action happens) : TextReader
    {
        public override string? ReadLine()
        {
            happens();
            return "y";
        }
    }
}
