using System.CommandLine;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Frontend.Api;

namespace Admission.Cli.JobCommands;

/// <summary><c>admission jobs watch</c>: follows a job by the gateway's stream of events, and comes back when the gateway does.</summary>
internal sealed class WatchJobCommand : GatewayCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Three of the comments that a gateway sends every 15 s while nothing changes.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    private readonly Argument<string> _job = new("JOB") { Description = "The job's id." };

    public WatchJobCommand(CommandContext context)
        : base(
            "watch", "Follows a job until its end, a line for each change.", context,
            new Example("admission jobs watch 0002ebc18bf392730480d47f3e0e7eec", ""), new Example("admission jobs watch 0002ebc18bf392730480d47f3e0e7eec --json", "a line of JSON for each change")) => Add(_job);

    public override string More => "Exit code 0 when it is done, 1 when it is dead or cancelled. A gateway that is away, or says nothing for 45 s, is asked again every second, and told when it went.";

    protected override Work Read(OptionValues values)
    {
        var job = values.Text(_job) ?? "";
        return session => WatchAsync(session, job);
    }

    private static async Task<int> WatchAsync(Session session, string job)
    {
        var (seen, away) = (false, false);
        while (true)
        {
            try
            {
                var state = await FollowAsync(session, job, () => (seen, away) = (true, false));
                if (state is "done" or "dead" or "cancelled")
                {
                    return state == "done" ? ExitCodes.Done : ExitCodes.Refused;
                }
            }
            catch (CommandFailedException failed) when (seen && failed.ExitCode == ExitCodes.Unreachable)
            {
                // Once the job was there, the gateway is only restarting.
                if (!away)
                {
                    away = true;
                    session.Context.Tell($"{Ages.At(session.Now)} {failed.Message} Asking again every second.");
                }
            }

            await Task.Delay(Pause, session.Context.Time, session.Stop);
        }
    }

    /// <summary>Reads one stream.</summary>
    /// <returns>The last state that it told.</returns>
    private static async Task<string?> FollowAsync(Session session, string job, Action connected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"jobs/{Uri.EscapeDataString(job)}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await session.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, session.Api.Connection.Timeout, session.Stop);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var answer = await session.Api.ReadAsync(response, session.Stop);
            throw answer.Problem is { } problem ? await ApiFailures.OfAsync(session.Api, problem, session.Stop) : ApiFailures.NoGateway(session.Api.Connection, response);
        }

        connected();
        string? state = null;
        await using var stream = await session.Api.OpenAsync(response, Silence, session.Stop);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(session.Stop))
        {
            switch (item.EventType)
            {
                case "job":
                    var view = JsonSerializer.Deserialize<JobView>(item.Data, Json.Document);
                    state = view?.State ?? throw new JsonException("The event of the job has no state.");
                    Tell(session, item.Data, view);
                    break;
                case "error":
                    throw await ApiFailures.OfAsync(session.Api, ApiProblem.Read(Encoding.UTF8.GetBytes(item.Data), 0), session.Stop);
            }
        }

        return state;
    }

    private static void Tell(Session session, string data, JobView view)
    {
        if (session.WantsJson)
        {
            session.PrintLine(JsonSerializer.Deserialize<JsonElement>(data));
        }
        else
        {
            session.Sheet.Line($"{Ages.At(session.Now)}  {view.State,-9}  {JobTable.Next(view, session.Now)}");
            session.Context.Output.Flush();
        }
    }
}
