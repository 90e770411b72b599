using System.Text.Json;
using Admission.Cli.Terminals;

namespace Admission.Cli.Tests.Support;

/// <summary>Runs command lines in this process, against one gateway.</summary>
internal sealed class CommandLine(string url)
{
    public Dictionary<string, string> Environment { get; } = new() { ["ADMISSION_URL"] = url };

    public TextReader? Input { get; set; }

    public ITerminal? Terminal { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public (int Code, string Output, string Errors) Run(params string[] line) => Run(CancellationToken.None, line);

    public (int Code, string Output, string Errors) Run(CancellationToken stop, params string[] line)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var bytes = new MemoryStream();
        var code = AdmissionCommand.Run(line, Context(TextWriter.Synchronized(output), errors, stop) with { OpenOutput = () => bytes });
        return (code, output + System.Text.Encoding.UTF8.GetString(bytes.ToArray()), errors.ToString());
    }

    /// <summary>Runs one that is to succeed and to say nothing on the error output.</summary>
    public string Done(params string[] line)
    {
        var (code, output, errors) = Run(line);
        errors.ShouldBeEmpty();
        code.ShouldBe(ExitCodes.Done);
        return output;
    }

    /// <summary>Runs one that is to fail, and to say why on the error output only.</summary>
    public string Fails(int code, params string[] line)
    {
        var (actual, output, errors) = Run(line);
        output.ShouldBeEmpty();
        actual.ShouldBe(code, errors);
        return errors;
    }

    public JsonElement Json(params string[] line) => JsonDocument.Parse(Done([.. line, "--json"])).RootElement;

    public CommandContext Context(TextWriter output, TextWriter errors, CancellationToken stop = default) =>
        new(output, errors, Time, stop) { Input = Input, Terminal = Terminal, Variable = name => Environment.GetValueOrDefault(name) };
}
