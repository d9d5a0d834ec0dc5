@main enum Larder {
    static func main() {
        print("larder")
    }
}
