using System.Net;
using System.Net.Sockets;
using Admission.Silo.Hosting;

namespace Admission.Silo.Tests;

/// <summary>What whoever starts a silo is told. How it runs is tested with real processes in tests/EndToEnd.</summary>
public sealed class SiloHostTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    [Fact]
    public async Task Help_names_the_options()
    {
        (await RunAsync("--help")).ShouldBe(0);
        foreach (var option in new[] { "--cluster", "--address", "--silo-port", "--gateway-port", "--urls", "--apply-schema" })
        {
            _output.ToString().ShouldContain(option);
        }
    }

    [Fact]
    public async Task Without_a_database_it_says_how_to_give_one_and_that_a_single_machine_needs_none()
    {
        (await RunAsync()).ShouldBe(2);
        _errors.ToString().ShouldContain("Cluster:ConnectionString: missing.");
        _errors.ToString().ShouldContain("Cluster__ConnectionString");
        _errors.ToString().ShouldContain("dotnet run --project src/Frontend");
    }

    [Theory]
    [InlineData("There is no option --clutser. Did you mean '--cluster'? See --help.", "--clutser", "x")]
    [InlineData("--cluster: Host is missing.", "--cluster", "Database=limits")]
    [InlineData("--silo-port: 'x' is not understood. Write a whole number.", "--cluster", "Host=db", "--silo-port", "x")]
    [InlineData("--address: 'silo.example' is not an IP address.", "--cluster", "Host=db", "--address", "silo.example")]
    [InlineData("Cluster:ListenAddress: 192.0.2.7 is no address to listen at here", "--cluster", "Host=db", "--address", "192.0.2.7")]
    [InlineData("Cluster:Sekret: there is no such setting. Did you mean 'Secret'?", "--cluster", "Host=db", "--Cluster:Sekret", "0123456789abcdef")]
    [InlineData("Admission:Telemetry:Metrix: there is no such setting. Did you mean 'Metrics'?", "--cluster", "Host=db", "--Admission:Telemetry:Metrix", "Off")]
    public async Task Names_the_mistake_and_the_remedy(string expected, params string[] arguments)
    {
        (await RunAsync(arguments)).ShouldBe(2);
        _errors.ToString().ShouldContain($"  - {expected}");
    }

    [Fact]
    public async Task Says_that_a_port_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        (await RunAsync("--cluster", "Host=db", "--gateway-port", $"{port}")).ShouldBe(2);
        _errors.ToString().ShouldContain($"--gateway-port: {port} is in use at 127.0.0.1. Stop what listens there, choose another one, or leave it out.");
    }

    private Task<int> RunAsync(params string[] arguments) => SiloHost.RunAsync(arguments, _output, _errors).WaitAsync(TimeSpan.FromSeconds(30));
}
