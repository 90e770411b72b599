using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Admission.Cli.Help;
using Admission.Security;
using Admission.Security.Keys;

namespace Admission.Cli.KeyCommands;

/// <summary><c>admission key new</c>: makes a key, and what is configured of it. Asks no gateway, and stores nothing.</summary>
internal sealed class NewKeyCommand : Command, IDocumentedCommand
{
    private const int LongestName = 100;
    private const int LongestTenant = 200;

    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="output">Takes the key.</param>
    public NewKeyCommand(TextWriter output)
        : base("new", "Makes a new key, and prints it with the line for the configuration, which has only its hash.")
    {
        var role = new Option<string>("--role") { Description = "What the key allows.", Required = true, HelpName = string.Join('|', AccessRoles.All.Select(each => each.Name)) };
        role.AcceptOnlyFromAmong([.. AccessRoles.All.Select(each => each.Name)]);
        var name = new Option<string>("--name") { Description = "Whose key it is, for the audit trail. Default: the role." };
        var tenant = new Option<string>("--tenant") { Description = "The tenant that it proves, for Classify:Tenant with Claim:tenant. Required for the role client." };
        var json = new Option<bool>("--json") { Description = "JSON in place of text." };
        name.Validators.Add(result => Check(result, LongestName));
        tenant.Validators.Add(result => Check(result, LongestTenant));
        Add(role);
        Add(name);
        Add(tenant);
        Add(json);
        Validators.Add(result =>
        {
            if (result.GetValue(role) == AccessRole.Client.Name() && result.GetValue(tenant) is null)
            {
                result.AddError("--role client needs --tenant: such a key proves a tenant, and nothing else.");
            }
        });
        SetAction(parsed =>
        {
            var key = ApiKey.Create();
            var chosen = parsed.GetValue(role)!;
            var entry = new Entry(parsed.GetValue(name)?.Trim() ?? chosen, chosen, ApiKey.HashText(key), parsed.GetValue(tenant)?.Trim());
            Write(output, key, entry, parsed.GetValue(json));
            return 0;
        });
    }

    public IReadOnlyList<Example> Examples { get; } =
    [
        new("admission key new --role viewer", "for somebody who looks"),
        new("admission key new --role operator --name ann", "for somebody who changes policies, too; the audit trail says ann"),
        new("admission key new --role metrics --name prometheus", "for a scrape from another machine"),
        new("admission key new --role client --name shop --tenant shop", "proves the tenant of requests to backends"),
        new("admission key new --role holder --name worker", "for a program that takes leases of backends"),
    ];

    public string More =>
        """
        The key is shown once. A gateway or silo takes it as soon as the line is in its configuration, without a restart; to replace a key add the new one, hand it out, and
        remove the old one. docs/security.md tells more.
        """;

    private static void Write(TextWriter output, string key, Entry entry, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(new { key, configuration = entry }, Json));
            return;
        }

        output.WriteLine($"Key, for whoever calls (it is shown only now):\n\n  {key}\n");
        output.WriteLine("One more entry of Admission:Security:Keys in appsettings.json of every gateway and silo:\n");
        output.WriteLine($"  {JsonSerializer.Serialize(entry, Json)}\n");
        output.WriteLine("To try it:\n\n  curl -H 'Authorization: Bearer adm_...' http://127.0.0.1:8080/admission/v1/version");
    }

    private static void Check(OptionResult result, int longest)
    {
        if (result.Tokens is [var token] && (token.Value.Trim().Length is 0 || token.Value.Trim().Length > longest || token.Value.Any(char.IsControl)))
        {
            result.AddError($"{result.Option.Name} is not possible. Give 1 to {longest} characters, without control characters.");
        }
    }

    private sealed record Entry(string Name, string Role, string Hash, string? Tenant);
}
