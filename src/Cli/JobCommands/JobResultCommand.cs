using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Admission.Cli.Gateway;
using Admission.Cli.Help;

namespace Admission.Cli.JobCommands;

/// <summary><c>admission jobs result</c>: the backend's answer to a job.</summary>
internal sealed class JobResultCommand : GatewayCommand
{
    private const string StateHeader = "X-Admission-Job-State";

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private readonly Argument<string> _job = new("JOB") { Description = "The job's id." };
    private readonly Option<string> _wait = new("--wait") { HelpName = "TIME", Description = "How long to wait for it. 1s to 10m; default: not at all." };
    private readonly Option<string> _output = new("--output", "-o") { HelpName = "FILE", Description = "Where the body goes. Default: the output." };
    private readonly Option<bool> _include = new("--include", "-i") { Description = "The status and the headers first." };

    public JobResultCommand(CommandContext context)
        : base(
            "result", "The backend's answer to a job, its body as it is.", context,
            new Example("admission jobs result 0002ebc18bf392730480d47f3e0e7eec --wait 5m -o report.pdf", "waits for it, and writes it to a file"),
            new Example("admission jobs result 0002ebc18bf392730480d47f3e0e7eec -i", "with status and headers"))
    {
        Add(_job);
        Add(_wait);
        Add(_output);
        Add(_include);
    }

    public override string More => "Exit code 1 where there is none yet, and for a dead letter, whose last failure is printed all the same.";

    protected override Work Read(OptionValues values)
    {
        var (job, file) = (values.Text(_job) ?? "", values.File(_output));
        var wait = values.Duration(_wait, TimeSpan.FromSeconds(1), LongestWait);
        var include = values.Switch(_include);
        if (file is not null && values.Switch(GatewayOptions.Json))
        {
            values.Mistake("--output and --json contradict each other. Leave one out.");
        }

        return session => TellAsync(session, job, wait, file, include);
    }

    private static async Task<int> TellAsync(Session session, string job, TimeSpan? wait, string? file, bool include)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"jobs/{Uri.EscapeDataString(job)}/result");
        request.Headers.Accept.ParseAdd("*/*");
        if (wait is { } patience)
        {
            request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={patience.TotalSeconds:0}"));
        }

        using var response = await session.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, session.Api.Connection.Timeout + (wait ?? TimeSpan.Zero), session.Stop);

        // Only the answer of a backend names the state of a finished job.
        var state = response.Headers.TryGetValues(StateHeader, out var states) ? states.First() : null;
        if (state is not ("done" or "dead"))
        {
            var answer = await session.Api.ReadAsync(response, session.Stop);
            throw answer.Problem is { } problem
                ? await ApiFailures.OfAsync(session.Api, problem, session.Stop)
                : new CommandFailedException(ExitCodes.Refused, $"The job {job} is {state ?? "not finished"}: there is no result yet. Wait for it with --wait 10m, or watch it: admission jobs watch {job}.");
        }

        if (session.WantsJson)
        {
            session.Print(await DescribeAsync(session, response, state));
        }
        else if (file is not null)
        {
            await SaveAsync(session, response, file, include);
        }
        else
        {
            await using var output = session.Context.OpenOutput();
            await WriteAsync(session, response, output, include);
        }

        return state == "done" ? ExitCodes.Done : ExitCodes.Refused;
    }

    /// <summary>Writes a file once the whole answer is here.</summary>
    /// <remarks>What is collected is not renamed to it: it may be a device, a pipe or a link, or have an owner and a mode of its own.</remarks>
    private static async Task SaveAsync(Session session, HttpResponseMessage response, string file, bool include)
    {
        try
        {
            await using var whole = new FileStream(
                Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await WriteAsync(session, response, whole, include);
            whole.Position = 0;
            await using var target = File.Create(file);
            await whole.CopyToAsync(target, session.Stop);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCodes.Mistaken, $"--output {file}: {unwritable.Message}");
        }
    }

    private static async Task WriteAsync(Session session, HttpResponseMessage response, Stream target, bool include)
    {
        if (include)
        {
            await target.WriteAsync(Encoding.UTF8.GetBytes(Head(response)), session.Stop);
        }

        await using var body = await session.Api.OpenAsync(response, session.Api.Connection.Timeout, session.Stop);
        await body.CopyToAsync(target, session.Stop);
        await target.FlushAsync(session.Stop);
    }

    private static string Head(HttpResponseMessage response)
    {
        var head = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {(int)response.StatusCode} {response.ReasonPhrase}\r\n"));
        foreach (var (name, values) in Headers(response))
        {
            head.Append(name).Append(": ").Append(values).Append("\r\n");
        }

        return head.Append("\r\n").ToString();
    }

    private static IEnumerable<(string Name, string Value)> Headers(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers).Select(header => (header.Key, string.Join(", ", header.Value)));

    private static async Task<JsonObject> DescribeAsync(Session session, HttpResponseMessage response, string state)
    {
        using var whole = new MemoryStream();
        await WriteAsync(session, response, whole, include: false);
        var body = whole.ToArray();
        var document = new JsonObject
        {
            ["state"] = state,
            ["status"] = (int)response.StatusCode,
            ["headers"] = new JsonObject(Headers(response).Select(header => KeyValuePair.Create(header.Name, (JsonNode?)header.Value))),
        };
        try
        {
            document["body"] = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (DecoderFallbackException)
        {
            document["base64"] = Convert.ToBase64String(body);
        }

        return document;
    }
}
